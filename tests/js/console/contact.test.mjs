// What the contact's panel reckons: the visit, the attributes, and what of its form is sent.

import assert from "node:assert/strict";
import { test } from "node:test";

import { attributesOf, browserWords, contactChanges, contactForm, twice, visitOf, webAddress } from "../../../console-js/state/contact.js";

const JANE = {
  id: "c", name: "Jane", email: "jane@example.com", phone: null, version: 3,
  custom_attributes: { page_url: "https://shop.example/fjord", referrer: "android-app://search", title: "Fjord", plan: "gold", seats: 4, nested: { a: [1] } },
};

test("a visit is told apart from the attributes, and only web addresses are links", () => {
  assert.deepEqual(visitOf(JANE).map(({ name, text, href }) => [name, text, href]), [
    ["page_url", "https://shop.example/fjord", "https://shop.example/fjord"], ["title", "Fjord", null], ["referrer", "android-app://search", null],
  ]);
  assert.deepEqual(visitOf({ id: "x", name: null, email: null }), []);
  assert.deepEqual(["javascript:alert(1)", "no address", "HTTP://a.example"].map(webAddress), [null, null, "http://a.example/"]);
  assert.deepEqual(attributesOf(JANE), [{ name: "plan", value: "gold" }, { name: "seats", value: "4" }, { name: "nested", value: '{"a":[1]}' }]);
});

test("a browser is called by its name", () => {
  const said = [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:144.0) Gecko/20100101 Firefox/144.0",
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
    "curl/8.9.1",
  ].map(browserWords);
  assert.deepEqual(said, ["Chrome 140, Linux", "Edge 140, Windows", "Safari 18, iOS", "Firefox 144, macOS", "Samsung Internet 28, Android", "curl/8.9.1"]);
});

test("of a contact only what differs is sent", () => {
  const form = contactForm(JANE);
  assert.equal(contactChanges(JANE, form), null);
  assert.deepEqual(contactChanges(JANE, { ...form, name: "", phone: "+4930123456" }), { name: null, phone: "+4930123456" });
  const attributes = [{ name: "plan", value: "silver" }, { name: "seats", value: "4" }, { name: "since", value: "2020" }];
  assert.deepEqual(contactChanges(JANE, { ...form, attributes }), { custom_attributes: { nested: null, plan: "silver", since: "2020" } });
});

test("a name that is there twice is found", () => {
  assert.equal(twice([{ name: "a", value: "" }, { name: "b", value: "" }, { name: "a", value: "" }]), "a");
  assert.equal(twice([{ name: "a", value: "" }, { name: "b", value: "" }]), null);
});

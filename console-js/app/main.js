// Where the page begins: is somebody invited? Then what they are invited to. Is somebody signed in? Then the desk, else the door.
//
// Guarantees: of these exactly one is alive; leaving one stops everything that it began. The token is never kept by the page.
// Start reading here, then app/desk.js and view/shell.js.

import { direction, language, t } from "../locale/index.js";
import { Api, Problem } from "../net/api.js";
import { wordsFor } from "../state/problems.js";
import { find, h } from "../view/dom.js";
import { mountInvitation } from "../view/invitation.js";
import { mountShell } from "../view/shell.js";
import { mountSignIn } from "../view/signin.js";
import { Desk } from "./desk.js";
import { Scope } from "./scope.js";

const root = find(document, "#app", HTMLElement);
let scope = new Scope();

/** Ends what was alive and begins anew. */
function freshScope() {
  scope.stop();
  scope = new Scope();
  return scope;
}

/** @param {string|null} notice */
function showDoor(notice) {
  document.title = t("app_name");
  mountSignIn(freshScope(), root, new Api(), { notice, on_session: showDesk });
}

/** @param {import("../net/api.js").Session} session */
function showDesk(session) {
  const own = freshScope();
  const desk = new Desk(own, session);
  desk.reports.on_signed_out = (because) => {
    if (scope === own) showDoor(because === "ended" ? t("signin_ended") : null);
  };
  mountShell(own, root, desk);
  desk.start();
}

/** @param {string} token */
function showInvitation(token) {
  document.title = t("app_name");
  // Not kept in the address once it was used, or given up.
  const leave = () => history.replaceState(null, "", "#/open");
  mountInvitation(freshScope(), root, new Api(), {
    token,
    on_session: (session) => {
      leave();
      showDesk(session);
    },
    on_leave: () => {
      leave();
      void begin();
    },
  });
}

async function begin() {
  const invitation = /^#invitation=([\w-]+)$/.exec(location.hash)?.[1];
  if (invitation !== undefined) return showInvitation(invitation);
  const own = freshScope();
  try {
    showDesk(await new Api().me(own.signal));
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return showDoor(null);
    const again = h("button", { type: "button", class: "button primary", text: t("unsent_retry") });
    root.replaceChildren(h("main", { class: "signin" }, [h("div", { class: "signin-card" }, [h("p", { role: "alert", text: wordsFor(error) }), again])]));
    own.listen(again, "click", () => void begin());
  }
}

document.documentElement.lang = language;
document.documentElement.dir = direction;
void begin();

// The page's tab: how much is unread, in its title and as a dot on its icon.

import { t } from "../locale/index.js";

/** @param {number} unread */
export function showBadge(unread) {
  const title = unread > 0 ? `(${unread}) ${t("app_name")}` : t("app_name");
  if (document.title !== title) document.title = title;
  const icon = document.querySelector("link[rel=icon]");
  if (!(icon instanceof HTMLLinkElement)) return;
  const href = icon.href.replace(/icon(-unread)?\.svg$/, unread > 0 ? "icon-unread.svg" : "icon.svg");
  if (icon.href !== href) icon.href = href;
}

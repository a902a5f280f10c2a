// The icons, drawn on a grid of 24 with lines of one width.
//
// Guarantees: an icon says nothing to a screen reader; the button around it carries the name.

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  mine: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20c.8-3.6 3.8-5.5 7.5-5.5s6.700 1.900 7.500 5.500",
  unassigned: "M4 13.500 6.500 5h11L20 13.500V19H4zM4 13.500h4.500l1.500 2.500h4l1.500-2.500H20",
  open: "M4.500 5.500h15v10.500h-8L7 19.500V16H4.500z",
  resolved: "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17zM8.300 12.200l2.600 2.600 4.900-5.300",
  search: "M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13zM15.400 15.400 20 20",
  clip: "M18.500 11.500 12 18a4 4 0 0 1-5.700-5.700l7.200-7.200a2.700 2.700 0 0 1 3.800 3.800L10.200 16a1.300 1.300 0 0 1-1.900-1.900l6.300-6.200",
  send: "M4.500 12 20 4.500 15.500 20l-3.800-6.200zM11.700 13.800 20 4.500",
  reply: "M9.500 6.500 4.500 11.500l5 5M4.500 11.500h9a6 6 0 0 1 6 6v1",
  back: "M14.500 5.500 8 12l6.500 6.500",
  close: "M6.500 6.500l11 11M17.500 6.500l-11 11",
  pending: "M7 4h10M7 20h10M8 4v3.500c0 2 4 3 4 4.500s-4 2.500-4 4.500V20M16 4v3.500c0 2-4 3-4 4.500s4 2.500 4 4.500V20",
  snoozed: "M12 20.500a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM9.500 9.500h5l-5 6h5M4 5.500 6.500 3M20 5.500 17.500 3",
  check: "M5 12.500l4.500 4.500L19 7",
  clock: "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17zM12 7.500V12l3 2",
  label: "M4 4.500h8l8 8-7.500 7.500-8.500-8.500zM8 8.500h.01",
  up: "M12 19V5.500M6.500 11 12 5.500 17.500 11",
  down: "M12 5v13.500M6.500 13l5.500 5.500L17.500 13",
  panel: "M4 5h16v14H4zM14.500 5v14",
  keys: "M3.500 7h17v10h-17zM7 10.500h.01M10.300 10.500h.01M13.700 10.500h.01M17 10.500h.01M8 13.800h8",
  exit: "M14 4.500H5.500v15H14M10.500 12h9.500M16.500 8.500 20 12l-3.500 3.500",
  exits: "M14 4.500H5.500v15H14M9.500 9.500h10M16.500 6.500l3 3-3 3M9.500 14.500h7",
  file: "M6.500 3.500h7.500l4 4v13H6.500zM14 3.500v4h4",
  note: "M5 4.500h14v10l-5 5H5zM14 19.500v-5h5",
  plus: "M12 6v12M6 12h12",
  alert: "M12 4 2.800 19.500h18.400zM12 10v4.200M12 16.900h.01",
  eye: "M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12zM12 14.800a2.800 2.800 0 1 0 0-5.600 2.800 2.800 0 0 0 0 5.600z",
  webhook: "M9 16.500a4 4 0 1 1-5.300-3.800M9 16.500h8.500M17.500 16.500h.01M12.500 5.500a3.500 3.500 0 1 0-3 5.200L6 16.500M12.500 7.500l3.500 6a3.500 3.500 0 1 1-.5 5.800",
  channels: "M4 5h16v11h-9l-4.500 3.500V16H4zM8 9h8M8 12.200h5",
  copy: "M8.500 8.500h11v11h-11zM15.500 8.500v-4h-11v11h4",
  verified: "M12 3.500l6.500 2.500v5c0 4.500-2.800 7.700-6.500 9.500-3.700-1.800-6.500-5-6.500-9.500V6zM9 12l2.200 2.200L15.300 10",
};

/** @typedef {keyof typeof PATHS} IconName */

/**
 * @param {IconName} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

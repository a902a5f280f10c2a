/**
 * Colours that stay readable whatever a site chooses as its own.
 */

/** What is used where a site chose nothing that can be read as a colour. */
const PRIMARY = '#1f5eff';

/** @param {unknown} text `#rgb` or `#rrggbb` @returns {string} `#rrggbb` */
export function readColour(text) {
  const digits = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(String(text).trim())?.[1]?.toLowerCase();
  if (!digits) return PRIMARY;
  return `#${digits.length === 3 ? digits.replace(/./g, '$&$&') : digits}`;
}

/** @param {string} hex */
const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

/** Relative luminance, as WCAG 2.2 defines it (read 2026-11-21). @param {string} hex */
function luminance(hex) {
  const [r = 0, g = 0, b = 0] = channels(hex).map((value) =>
    (value <= 10 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** From 1 to 21. @param {string} one @param {string} other */
export function contrast(one, other) {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** White, or black where white is hard to read. @param {string} hex */
export const inkOn = (hex) => (contrast(hex, '#ffffff') >= 4.5 ? '#ffffff' : '#000000');

/** The nearest shade that can be read as text on `ground`. @param {string} hex @param {string} ground */
export function readableOn(hex, ground) {
  const toward = luminance(ground) > 0.3 ? 0 : 255;
  let shade = hex;
  for (let step = 1; step <= 20 && contrast(shade, ground) < 4.6; step += 1) {
    const mixed = channels(hex).map((value) => Math.round(value + ((toward - value) * step) / 20));
    shade = `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
  }
  return shade;
}

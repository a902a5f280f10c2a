/**
 * Colours that stay readable whatever a site chooses as its own. Pure.
 */

/** What is used where a site chose nothing, or nothing that can be read as a colour. */
export const PRIMARY = '#1f5eff';

/**
 * @param {unknown} text `#rgb` or `#rrggbb`
 * @returns {string} `#rrggbb`
 */
export function readColour(text) {
  const match = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(String(text ?? '').trim());
  if (!match?.[1]) return PRIMARY;
  const digits = match[1].length === 3 ? [...match[1]].map((digit) => digit + digit).join('') : match[1];
  return `#${digits.toLowerCase()}`;
}

/** @param {string} hex */
function channels(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/**
 * Relative luminance (WCAG 2.2, "relative luminance", read 2026-11-21).
 * @param {string} hex
 */
function luminance(hex) {
  const [r, g, b] = channels(hex).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
}

/**
 * Contrast of two colours, from 1 to 21.
 * @param {string} one
 * @param {string} other
 */
export function contrast(one, other) {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}

/**
 * Black or white, whichever is easier to read on it.
 * @param {string} hex
 */
export function inkOn(hex) {
  return contrast(hex, '#ffffff') >= 4.5 || contrast(hex, '#ffffff') > contrast(hex, '#111111') ? '#ffffff' : '#111111';
}

/**
 * The colour itself, or the nearest shade of it that can be read as text on `ground`.
 * @param {string} hex
 * @param {string} ground
 */
export function readableOn(hex, ground) {
  const toward = luminance(ground) > 0.3 ? 0 : 255;
  let shade = hex;
  for (let step = 1; step <= 20 && contrast(shade, ground) < 4.6; step += 1) {
    const mixed = channels(hex).map((value) => Math.round(value + ((toward - value) * step) / 20));
    shade = `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
  }
  return shade;
}

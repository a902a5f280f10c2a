// Message templates: which fit, what they will read, and what is wrong with the words for their places.
//
// Guarantees: pure. The server decides (it refuses what the provider would refuse); this tells an agent beforehand, by the same rules.

/** @typedef {import("../net/wire.js").Template} Template */
/** @typedef {import("../net/wire.js").TemplateVariable} TemplateVariable */
/** @typedef {{kind: "missing"|"too_long"|"refused"|"not_https", count: number}} Fault */
/** @typedef {{kind: string, pieces: {text: string, place: string|null}[]}} PreviewPart `place`: what is still to be filled in there, or was */

const SPACES = "     ";

/**
 * Whether a template can be sent in a conversation at all.
 * @param {import("../net/wire.js").Remote|undefined} remote
 * @param {Record<string, import("../net/wire.js").Capabilities>} capabilities
 */
export function takesTemplates(remote, capabilities) {
  return remote !== undefined && capabilities[remote.kind]?.templates === true && !remote.opted_out;
}

/**
 * Those whose name or words have every word that is looked for, in any case.
 * @param {Template[]} templates
 * @param {string} sought
 */
export function fitting(templates, sought) {
  const words = sought.toLowerCase().split(/\s+/).filter((word) => word !== "");
  return templates.filter((template) => {
    const all = [template.name, template.language, ...template.components.map((component) => component.text ?? "")].join("\n").toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

/**
 * What a template says first, for a list.
 * @param {Template} template
 */
export function firstWords(template) {
  return (template.components.find((component) => component.type === "body")?.text ?? "").replace(/\s+/g, " ").trim();
}

/**
 * What is wrong with each variable, by its key.
 * @param {Template} template
 * @param {Record<string, string>} values
 * @returns {Record<string, Fault>}
 */
export function faultsOf(template, values) {
  /** @type {Record<string, Fault>} */
  const faults = {};
  for (const variable of template.variables) {
    const fault = faultOf(variable, values[variable.key] ?? "");
    if (fault !== null) faults[variable.key] = fault;
  }
  return faults;
}

/**
 * @param {TemplateVariable} variable
 * @param {string} value
 * @returns {Fault|null}
 */
function faultOf(variable, value) {
  if (value.trim() === "") return { kind: "missing", count: 0 };
  // Both count as the provider may: in UTF-16 units.
  if (value.length > variable.max_length) return { kind: "too_long", count: variable.max_length };
  if (/[\n\r\t]/.test(value) || value.includes(SPACES)) return { kind: "refused", count: 0 };
  if (variable.key === "header.link" && !value.startsWith("https://")) return { kind: "not_https", count: 0 };
  return null;
}

/**
 * What the customer will read, part by part, cut where a place is.
 * @param {Template} template
 * @param {Record<string, string>} values
 * @returns {PreviewPart[]}
 */
export function previewOf(template, values) {
  /** @type {PreviewPart[]} */
  const parts = [];
  for (const component of template.components) {
    if (component.type === "header" && component.format !== null && component.format !== "text") {
      parts.push({ kind: "file", pieces: [{ text: values["header.link"] ?? "", place: "header.link" }] });
    } else if (component.text) {
      parts.push({ kind: component.type, pieces: piecesOf(component.text, component.type === "header" ? "header." : "", values) });
    }
  }
  return parts;
}

/**
 * @param {string} text
 * @param {string} prefix
 * @param {Record<string, string>} values
 */
function piecesOf(text, prefix, values) {
  /** @type {{text: string, place: string|null}[]} */
  const pieces = [];
  let rest = text;
  for (let match = /\{\{\s*(.*?)\s*\}\}/.exec(rest); match !== null; match = /\{\{\s*(.*?)\s*\}\}/.exec(rest)) {
    if (match.index > 0) pieces.push({ text: rest.slice(0, match.index), place: null });
    const key = `${prefix}${match[1]}`;
    const value = values[key] ?? "";
    pieces.push({ text: value.trim() === "" ? match[0] : value, place: key });
    rest = rest.slice(match.index + match[0].length);
  }
  if (rest !== "") pieces.push({ text: rest, place: null });
  return pieces;
}

/**
 * The message, as the server wants it: only places that the template has.
 * @param {Template} template
 * @param {Record<string, string>} values
 */
export function choiceOf(template, values) {
  const variables = Object.fromEntries(template.variables.map((variable) => [variable.key, values[variable.key] ?? ""]));
  return { name: template.name, language: template.language, variables };
}

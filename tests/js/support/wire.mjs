/** An example from `tests/wire/`, by its name. */
import { readFileSync } from 'node:fs';

export const wire = (name) => JSON.parse(readFileSync(new URL(`../../wire/${name}.json`, import.meta.url), 'utf8'));

import type { Pii } from '../schema/ast.ts';

/** How a column or a field holds personal data; `within`: in parts of it. */
export type PersonalMark = Pii | 'within';

const NOTES: Readonly<Record<PersonalMark, string>> = {
  hash: 'personal data: hashed',
  drop: 'personal data: not kept',
  clear: 'personal data: readable',
  within: 'personal data within',
};

/** The mark in words, for those who meet it in a catalogue or an editor. */
export function personalNote(mark: PersonalMark): string {
  return NOTES[mark];
}

/** A doc with the mark in words behind it. */
export function withPersonalNote(doc: string | undefined, mark: PersonalMark | undefined): string | undefined {
  if (mark === undefined) return doc;
  return doc === undefined || doc.trim() === '' ? `(${personalNote(mark)})` : `${doc} (${personalNote(mark)})`;
}

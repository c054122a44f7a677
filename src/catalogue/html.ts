/** A piece of a page whose texts are escaped. It can only be made by `html`, so that nothing gets in unescaped. */
export class Html {
  readonly #markup: string;

  constructor(strings: readonly string[], values: readonly HtmlValue[]) {
    this.#markup = strings.map((text, index) => text + markupOf(values[index])).join('');
  }

  toString(): string {
    return this.#markup;
  }
}

/** What can stand in a page: a text is escaped, pieces stand as they are, what is undefined leaves no trace. */
export type HtmlValue = Html | string | number | undefined | readonly HtmlValue[];

/** A piece of a page: html`<p title="${text}">${text}</p>`. Attributes must be in double quotes. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(strings, values);
}

function markupOf(value: HtmlValue): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.toString();
  if (typeof value === 'object') return value.map(markupOf).join('');
  return escapeHtml(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text as the content of an element or of a quoted attribute, with everything in it to be seen. */
export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/**
 * Characters that do something instead of being seen: controls but for tab and line feed, those that turn the writing
 * around or join lines, halves of a character, and what Unicode says is none.
 */
const ACTIVE =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\p{Cs}\p{Noncharacter_Code_Point}]/gu;

/** A text with escapes such as `\u202e` in the place of what nobody would see. In JSON they mean the same character. */
export function visible(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(ACTIVE, (character) =>
    Array.from({ length: character.length }, (_, index) => {
      return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
    }).join(''),
  );
}

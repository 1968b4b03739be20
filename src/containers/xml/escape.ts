// Writing half: text that XML can hold.

/** Without characters that XML 1.0 cannot hold (§2.2): controls other than tab, LF and CR, lone surrogates, U+FFFE, U+FFFF. */
function stripIllegal(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be removed
  const clean = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text)
    ? // biome-ignore lint/suspicious/noControlCharactersInRegex: same
      text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    : text;
  return /[\ud800-\udfff]/.test(clean)
    ? clean.replace(/[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g, (s) => (s.length === 2 ? s : ''))
    : clean;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

/** For element content. */
export function escapeText(text: string): string {
  return stripIllegal(text).replace(/[&<>\r]/g, (c) => ESCAPES[c]!);
}

/** For a value in double quotes; line breaks survive attribute normalisation (§3.3.3). */
export function escapeAttribute(text: string): string {
  return stripIllegal(text).replace(/[&<>"\t\n\r]/g, (c) => ESCAPES[c]!);
}

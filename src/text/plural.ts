// The plural of a name in descriptions.

/** Returns the regular plural, such as `hosts`, `distributed switches` or `categories`. */
export const pluralOf = (noun: string): string =>
  /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}${/(?:s|x|ch|sh)$/.test(noun) ? 'es' : 's'}`

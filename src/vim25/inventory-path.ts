// Names and inventory paths as vSphere writes them: `/`, `\` and `%` in a name stand escaped, and only those.

const decoded: Readonly<Record<string, string>> = { '%2f': '/', '%5c': '\\', '%25': '%' }
const encoded: Readonly<Record<string, string>> = { '/': '%2f', '\\': '%5c', '%': '%25' }

/** A name as a person reads it. In one pass, so that `%252f` reads `%2f`; stray `%` stay. */
export const unescapeName = (name: string): string =>
  name.replace(/%(?:2f|5c|25)/gi, (each) => decoded[each.toLowerCase()] as string)

/** A name as vSphere takes it. */
export const escapeName = (name: string): string =>
  name.replace(/[/\\%]/g, (character) => encoded[character] as string)

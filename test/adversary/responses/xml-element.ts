// Parses the simulator's XML to a tree, independently of the gateway's parser.

export interface Element {
  readonly name: string
  readonly attributes: [name: string, value: string][]
  readonly children: Element[]
  /** Decoded; only set for elements without children. */
  text: string
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }
const decode = (text: string): string =>
  text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (_, hex, decimal, name) => {
    if (name) return entities[name] ?? ''
    return String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal))
  })

/** Parses the simulator's output: no comments, no CDATA, no mixed content. */
export function parse(text: string): Element {
  const root: Element = { name: '', attributes: [], children: [], text: '' }
  const open = [root]
  const tags = /<(\/?)([\w:]+)((?:\s+[\w:]+="[^"]*")*)\s*(\/?)>/g
  let from = 0
  for (const tag of text.matchAll(tags)) {
    const [complete, slash, name = '', attributes = '', isEmpty] = tag
    const parent = open.at(-1) as Element
    if (slash) {
      if (parent.children.length === 0) parent.text = decode(text.slice(from, tag.index))
      open.pop()
    } else {
      const pairs = [...attributes.matchAll(/([\w:]+)="([^"]*)"/g)]
      const element: Element = {
        name,
        attributes: pairs.map(([, key = '', value = '']) => [key, decode(value)]),
        children: [],
        text: '',
      }
      parent.children.push(element)
      if (!isEmpty) open.push(element)
    }
    from = tag.index + complete.length
  }
  return root.children[0] as Element
}

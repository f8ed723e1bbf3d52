// Rewrites a SOAP response in an equivalent form: other prefixes, white space, CDATA, comments, quotes, character references,
// orders without meaning, and additions of a newer vCenter.

import type { Random } from '../../../src/simulator/random.ts'
import { type Element, parse } from './xml-element.ts'

/** Which parts of an element may be rewritten. */
export const variations = [
  'prefixes',
  'white space',
  'CDATA',
  'comments',
  'quotes',
  'character references',
  'order',
  'types of plain fields',
  'unknown fields',
  'unknown devices',
] as const
export type Variation = (typeof variations)[number]

const plainTypes: Readonly<Record<string, string>> = {
  name: 'string',
  description: 'string',
  label: 'string',
  summary: 'string',
  fileName: 'string',
  uuid: 'string',
  changeId: 'string',
  token: 'string',
  start: 'long',
  length: 'long',
  startOffset: 'long',
  capacityInKB: 'long',
  capacityInBytes: 'long',
  createTime: 'dateTime',
  quiesced: 'boolean',
  controllerKey: 'int',
  unitNumber: 'int',
}

/** Returns an equivalent response; deterministic for the same random numbers. */
export function applyVariations(text: string, kinds: readonly Variation[], random: Random): string {
  const envelope = parse(text)
  const has = (kind: Variation): boolean => kinds.includes(kind)
  const chance = (oneIn: number): boolean => random.integer(oneIn) === 0
  const pick = <T>(...items: readonly [T, ...T[]]): T => random.pick(items)

  if (has('order')) reorder(envelope)
  if (has('unknown devices')) addDevices(envelope)
  if (has('types of plain fields')) addTypes(envelope)
  if (has('unknown fields')) addFields(envelope, true)
  return (
    pick('<?xml version="1.0" encoding="UTF-8"?>\n', '<?xml version="1.0"?>', '') + write(renamed(envelope))
  )

  function shuffle(items: Element[], name: string): void {
    const positions = items.flatMap((each, index) => (each.name === name ? [index] : []))
    const rest = positions.map((index) => items[index] as Element)
    for (const index of positions) items[index] = rest.splice(random.integer(rest.length), 1)[0] as Element
  }

  /** The order of objects in a retrieval and of properties in an object is not significant. */
  function reorder(element: Element): void {
    for (const name of ['objects', 'propSet']) shuffle(element.children, name)
    element.children.forEach(reorder)
  }

  function addDevices(element: Element): void {
    const isDevices = element.attributes.some(([, value]) => value === 'ArrayOfVirtualDevice')
    if (isDevices || element.children.some(({ name }) => name === 'device')) {
      const name = isDevices ? 'VirtualDevice' : 'device'
      const key: Element = { name: 'key', attributes: [], children: [], text: '14000' }
      const field: Element = { name: 'qubits', attributes: [], children: [], text: '8' }
      element.children.push({
        name,
        attributes: [['xsi:type', 'VirtualQuantumCard']],
        children: [key, field],
        text: '',
      })
    } else element.children.forEach(addDevices)
  }

  function addTypes(element: Element): void {
    const type = plainTypes[element.name]
    const isPlain = element.children.length === 0 && element.attributes.length === 0
    if (type && isPlain && chance(2)) element.attributes.push(['xsi:type', `xsd:${type}`])
    element.children.forEach(addTypes)
  }

  /** Applies to data objects, not to arrays or SOAP elements. */
  function addFields(element: Element, isSoap: boolean): void {
    const isArray = element.attributes.some(([, value]) => value.startsWith('ArrayOf'))
    for (const child of element.children)
      addFields(
        child,
        isSoap && (/:|^faultcode$|^faultstring$|^detail$/.test(child.name) || element.name.endsWith('Body')),
      )
    if (isSoap || isArray || element.children.length === 0 || element.name.endsWith('Response') || !chance(4))
      return
    // A list of changed areas must be complete, so a decoder rejects unknown elements with children in it.
    const isAreaList = element.children.some(({ name }) => name === 'changedArea' || name === 'length')
    const value: Element =
      isAreaList || chance(2)
        ? { name: 'addedLater', attributes: [], children: [], text: 'a value' }
        : {
            name: 'addedLater',
            attributes: [['xsi:type', 'AddedLaterInfo']],
            children: [
              { name: 'name', attributes: [], children: [], text: 'another object' },
              { name: 'key', attributes: [], children: [], text: '2000' },
            ],
            text: '',
          }
    element.children.push(value)
  }

  /** Uses other namespace prefixes, declared where they are needed. */
  function renamed(root: Element): Element {
    if (!has('prefixes')) return root
    const soap = pick('S', 'soap', 'SOAP-ENV', 'env', '')
    const instance = pick('i', 'xsi', 'XSI')
    const schema = pick('xs', 'x', 'xsd')
    const vim = pick('', 'vim25', 'ns1')
    const qualified = (prefix: string, name: string): string => (prefix ? `${prefix}:${name}` : name)
    const declared = (prefix: string, uri: string): [string, string] => [
      qualified(prefix ? 'xmlns' : '', prefix || 'xmlns'),
      uri,
    ]
    const visit = ({ name, attributes, children, text: content }: Element, isVim: boolean): Element => {
      const isSoapName = name.startsWith('soapenv:')
      const isFirst = !isSoapName && attributes.some(([key]) => key === 'xmlns')
      const inVim = isVim || isFirst
      const kept = attributes
        .filter(([key]) => !key.startsWith('xmlns'))
        .map(([key, value]): [string, string] => [
          key.replace(/^xsi:/, `${instance}:`),
          key === 'xsi:type'
            ? value.startsWith('xsd:')
              ? value.replace('xsd:', `${schema}:`)
              : qualified(inVim ? vim : '', value)
            : value,
        ])
      if (name === 'soapenv:Envelope')
        kept.push(
          declared(soap, 'http://schemas.xmlsoap.org/soap/envelope/'),
          declared(instance, 'http://www.w3.org/2001/XMLSchema-instance'),
          declared(schema, 'http://www.w3.org/2001/XMLSchema'),
        )
      if (isFirst) kept.push(declared(vim, 'urn:vim25'))
      // Children of a fault have no namespace.
      const isBare = !isSoapName && !inVim
      if (isBare && soap === '') kept.push(['xmlns', ''])
      return {
        name: isSoapName ? qualified(soap, name.slice(8)) : inVim ? qualified(vim, name) : name,
        attributes: kept,
        children: children.map((child) => visit(child, inVim)),
        text: content,
      }
    }
    return visit(root, false)
  }

  function write({ name, attributes, children, text: content }: Element): string {
    const shuffled = has('quotes') ? [...attributes].sort(() => random.next() - 0.5) : attributes
    const gap = () => (has('white space') ? pick(' ', '  ', '\n\t', ' ') : ' ')
    const tail = () => (has('white space') ? pick('', ' ', '\n') : '')
    const head = name + shuffled.map((each) => gap() + attribute(...each)).join('')
    const comment = () =>
      has('comments') && chance(6) ? pick('<!-- a comment -->', '<!---->', '<!-- <objects> & ]]> -->') : ''
    if (children.length === 0 && content === '' && chance(2)) return `<${head}${tail()}/>`
    if (children.length === 0) return `<${head}${tail()}>${contentXml(content)}</${name}${tail()}>`
    const between = () => comment() + (has('white space') ? pick('', '\n', '  ', '\r\n\t') : '') + comment()
    return `<${head}${tail()}>${between()}${children.map((child) => write(child) + between()).join('')}</${name}${tail()}>`
  }

  function attribute(name: string, value: string): string {
    const quote = has('quotes') ? pick('"', "'") : '"'
    const equals = has('white space') ? pick('=', ' = ', '= ') : '='
    return (
      name + equals + quote + escaped(value).replaceAll(quote, quote === '"' ? '&quot;' : '&apos;') + quote
    )
  }

  function contentXml(content: string): string {
    const parts = has('CDATA') || has('comments') ? split(content) : [content]
    return parts
      .map((part) => {
        const isData = has('CDATA') && chance(2) && !part.includes(']]>')
        const comment = has('comments') && chance(5) ? '<!-- in the middle -->' : ''
        return comment + (isData ? `<![CDATA[${part}]]>` : escaped(part))
      })
      .join('')
  }

  function split(content: string): string[] {
    const points = [...content]
    const at = random.integer(points.length + 1)
    return [points.slice(0, at).join(''), points.slice(at).join('')]
  }

  function escaped(content: string): string {
    return [...content]
      .map((each) => {
        const code = each.codePointAt(0) as number
        if (/[<>&\r]/.test(each) || (has('character references') && chance(8)))
          return pick(`&#${code};`, `&#x${code.toString(16)};`, `&#x000${code.toString(16).toUpperCase()};`)
        return each
      })
      .join('')
  }
}

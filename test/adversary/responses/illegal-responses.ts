// Responses that no vCenter may send. Each function edits the text of a correct response so that it violates SOAP, the method
// or the request; the seed decides where.

import type { Random } from '../../../src/simulator/random.ts'
import { soapFault } from '../../soap-proxy.ts'

export interface IllegalResponse {
  readonly name: string
  /** The edited text, with another status if the edit changes it; undefined if nothing can be edited. */
  change(response: Response, random: Random): string | { text: string; status: number } | undefined
}

interface Response {
  readonly method: string
  readonly text: string
  /** The response to an earlier call of the method, or of the retrieval that this call continues. */
  readonly earlier?: string | undefined
}

const body = /(<soapenv:Body>\s*)([\s\S]*?)(\s*<\/soapenv:Body>)/
const element = /^(<\w+Response[^>]*>)([\s\S]*)(<\/\w+Response>)$/

/** Replaces the content of the Body. */
const inBody = (text: string, change: (content: string) => string): string =>
  text.replace(body, (_, open: string, content: string, close: string) => open + change(content) + close)

/** Replaces the content of the response element; expands an empty element. */
const inResponse = (text: string, change: (content: string) => string): string =>
  inBody(text, (content) =>
    content
      .replace(/^<(\w+Response)([^>]*)\/>$/, '<$1$2></$1>')
      .replace(element, (_, open: string, inner: string, close: string) => open + change(inner) + close),
  )

const fault = body.exec(soapFault('SystemError', { faultstring: 'no' }))?.[2] ?? ''
const hasReturnval = (text: string): boolean => /<returnval/.test(text)

/** Returns the edited text; undefined if the edit changed nothing. */
const ifChanged = (text: string, changed: string): string | undefined =>
  changed === text ? undefined : changed

const soapViolations: readonly IllegalResponse[] = [
  { name: 'two results', change: ({ text }) => inBody(text, (content) => content + content) },
  { name: 'result, then fault', change: ({ text }) => inBody(text, (content) => content + fault) },
  { name: 'fault, then result', change: ({ text }) => inBody(text, (content) => fault + content) },
  { name: 'fault inside the response', change: ({ text }) => inResponse(text, (inner) => inner + fault) },
  {
    name: 'fault first inside the response',
    change: ({ text }) => inResponse(text, (inner) => fault + inner),
  },
  { name: '500 with a result', change: ({ text }) => ({ text, status: 500 }) },
  { name: '202 with a result', change: ({ text }) => ({ text, status: 202 }) },
  { name: '403 with a result', change: ({ text }) => ({ text, status: 403 }) },
  {
    name: '200 with a fault',
    change: () => ({ text: soapFault('SystemError', { faultstring: 'no' }), status: 200 }),
  },
  {
    name: 'truncated',
    change: ({ text }, random) => text.slice(0, 1 + random.integer(text.length - 40)),
  },
  {
    name: 'truncated at the end of an element',
    change: ({ text }, random) => {
      const ends = [...text.matchAll(/<\/\w+>/g)].map((match) => match.index + match[0].length)
      return ends.length > 0 ? text.slice(0, ends[random.integer(ends.length)]) : undefined
    },
  },
  {
    name: 'truncated, then closed',
    change: ({ text }) => {
      const items = [...text.matchAll(/<\/(?:objects|changedArea|propSet)>/g)]
      const middle = items[Math.floor(items.length / 2)]
      return middle && items.length > 1
        ? `${text.slice(0, middle.index + middle[0].length)}</soapenv:Body></soapenv:Envelope>`
        : undefined
    },
  },
  { name: 'two bodies', change: ({ text }) => text.replace(body, (complete) => complete + complete) },
  { name: 'body in a body', change: ({ text }) => text.replace(body, '$1<soapenv:Body>$2</soapenv:Body>$3') },
  {
    name: 'response in a response',
    change: ({ text }) => inBody(text, (content) => content.replace(element, `$1${content}$3`)),
  },
  {
    name: 'envelope in a body',
    change: ({ text }) => inBody(text, () => text.replace(/^<\?xml[^>]*>\s*/, '')),
  },
  { name: 'two envelopes', change: ({ text }) => text + text.replace(/^<\?xml[^>]*>\s*/, '') },
  { name: 'text after the envelope', change: ({ text }) => `${text}and more` },
  { name: 'empty body', change: ({ text }) => inBody(text, () => '') },
  { name: 'no body', change: ({ text }) => text.replace(body, '') },
  {
    name: 'the response of another method',
    change: ({ text, method }) => text.replaceAll(`${method}Response`, 'CurrentTimeResponse'),
  },
  {
    name: 'another namespace',
    change: ({ text, method }) =>
      text.replace(`<${method}Response xmlns="urn:vim25"`, `<${method}Response xmlns="urn:other"`),
  },
  {
    name: 'no returnval',
    // For some methods an empty response is legal: it means that no object was found.
    change: ({ text, method }) =>
      hasReturnval(text) && !/^(RetrievePropertiesEx|Find\w+)$/.test(method)
        ? inResponse(text, () => '')
        : undefined,
  },
  {
    name: 'two returnvals',
    change: ({ text, method }) =>
      hasReturnval(text) && !method.startsWith('FindAll')
        ? inResponse(text, (inner) => inner + inner)
        : undefined,
  },
  {
    name: 'content beside returnval',
    change: ({ text }, random) => {
      if (!hasReturnval(text)) return undefined
      return inResponse(text, (inner) => {
        const fields = /^<returnval[^>]*>([\s\S]*)<\/returnval>$/.exec(inner)?.[1] ?? '<surprise>1</surprise>'
        const beside = random.integer(2) === 0 ? fields : '<surprise>1</surprise>'
        return random.integer(2) === 0 ? inner + beside : beside + inner
      })
    },
  },
  {
    name: 'text in the response',
    change: ({ text }) => inResponse(text, (inner) => `${inner}surprise`),
  },
]

const retrievalViolations: readonly IllegalResponse[] = [
  {
    name: 'a repeated earlier page',
    change: ({ earlier }) => earlier,
  },
  {
    name: 'half of the objects beside returnval',
    change: ({ text }) => {
      const objects = [...text.matchAll(/<objects>[\s\S]*?<\/objects>/g)].map(([each]) => each)
      if (objects.length < 2) return undefined
      const beside = objects.slice(Math.ceil(objects.length / 2))
      const without = beside.reduce((rest, each) => rest.replace(each, ''), text)
      return inResponse(without, (inner) => inner + beside.join(''))
    },
  },
  {
    name: 'an object without its obj',
    change: ({ text }) => ifChanged(text, text.replace(/<obj [^>]*>[^<]*<\/obj>/, '')),
  },
  {
    name: 'a propSet without a name',
    change: ({ text }) => ifChanged(text, text.replace(/(<propSet>)<name>[^<]*<\/name>/, '$1')),
  },
]

const number = (text: string, field: string): number =>
  Number(new RegExp(`<${field}>(-?\\d+)</${field}>`).exec(text)?.[1])
const areas = /<changedArea>[\s\S]*?<\/changedArea>/g
const area = (start: number | string, length: number | string): string =>
  `<changedArea><start>${start}</start><length>${length}</length></changedArea>`
const addArea = (text: string, added: string): string => text.replace('</returnval>', `${added}</returnval>`)
const shift = (text: string, field: string, by: number): string =>
  text.replace(
    new RegExp(`(<returnval>[sS]*?<${field}>)(\\d+)`),
    (_, open: string, value: string) => `${open}${Number(value) + by}`,
  )

/** The first `<length>` of the response is the length of the window. */
const areaViolations: readonly IllegalResponse[] = [
  { name: 'a window that starts later', change: ({ text }) => shift(text, 'startOffset', 65_536) },
  {
    name: 'a window that starts earlier',
    change: ({ text }) => (number(text, 'startOffset') > 0 ? shift(text, 'startOffset', -1) : undefined),
  },
  { name: 'a window that starts below 0', change: ({ text }) => shift(text, 'startOffset', -1_000_000_000) },
  { name: 'a window of length 0', change: ({ text }) => text.replace(/(<length>)\d+/, '$10') },
  { name: 'a window of negative length', change: ({ text }) => text.replace(/(<length>)\d+/, '$1-65536') },
  {
    name: 'a window length that is not a number',
    change: ({ text }) => text.replace(/(<length>)\d+/, '$1many'),
  },
  { name: 'a window without a length', change: ({ text }) => text.replace(/<length>\d+<\/length>/, '') },
  {
    name: 'a window without a start',
    change: ({ text }) => text.replace(/<startOffset>\d+<\/startOffset>/, ''),
  },
  {
    name: 'two starts',
    change: ({ text }) => text.replace(/<startOffset>\d+<\/startOffset>/, '$&<startOffset>0</startOffset>'),
  },
  {
    name: 'areas beside returnval',
    change: ({ text }) => {
      const all = text.match(areas) ?? []
      if (all.length < 2) return undefined
      const beside = all.slice(Math.ceil(all.length / 2))
      return inResponse(
        beside.reduce((rest, each) => rest.replace(each, ''), text),
        (inner) => inner + beside.join(''),
      )
    },
  },
  { name: 'an area of length 0', change: ({ text }) => addArea(text, area(number(text, 'startOffset'), 0)) },
  {
    name: 'an area of negative length',
    change: ({ text }) => addArea(text, area(number(text, 'startOffset') + 131_072, -65_536)),
  },
  {
    name: 'an area before the window',
    change: ({ text }) => addArea(text, area(number(text, 'startOffset') - 65_536, 65_536)),
  },
  {
    name: 'an area after the window',
    change: ({ text }) =>
      addArea(text, area(number(text, 'startOffset') + number(text, 'length') + 65_536, 65_536)),
  },
  {
    name: 'an area without a start',
    change: ({ text }) => addArea(text, '<changedArea><length>65536</length></changedArea>'),
  },
  {
    name: 'an area without a length',
    change: ({ text }) =>
      addArea(text, `<changedArea><start>${number(text, 'startOffset')}</start></changedArea>`),
  },
  { name: 'an area start that is not a number', change: ({ text }) => addArea(text, area('here', 65_536)) },
  {
    name: 'an area beyond 2^53',
    change: ({ text }) => addArea(text, area('9223372036854775807', '9223372036854775807')),
  },
  {
    name: 'an area with two lengths',
    change: ({ text }) =>
      ifChanged(
        text,
        text.replace(/(<changedArea>[\s\S]*?<length>)(\d+)(<\/length>)/, '$1$2$3<length>1</length>'),
      ),
  },
  {
    name: 'duplicate areas',
    change: ({ text }) => addArea(text, (text.match(areas) ?? []).join('')),
  },
  {
    name: 'areas out of order',
    change: ({ text }) => addArea(text.replace(areas, ''), (text.match(areas) ?? []).reverse().join('')),
  },
  { name: 'the previous window again', change: ({ earlier }) => earlier },
]

/** All edits for a response of a method. */
export function illegalResponsesOf(method: string): readonly IllegalResponse[] {
  if (method === 'QueryChangedDiskAreas') return [...soapViolations, ...areaViolations]
  return /^(RetrieveProperties(Ex)?|ContinueRetrievePropertiesEx)$/.test(method)
    ? [...soapViolations, ...retrievalViolations]
    : soapViolations
}

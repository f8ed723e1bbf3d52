// Which version of the API to speak: the newest that both sides know. An older one hides newer types and properties.

import { SoapError } from '../../soap/soap-error.ts'
import { parseXml, type XmlElement } from '../../soap/xml.ts'
import type { Transport, TransportRequest, TransportResponse } from '../../transport/transport.ts'
import { TransportError } from '../../transport/transport-error.ts'

const versionsFile = 'vimServiceVersions.xml'

/** What our declarations were checked against, newest first. */
const knownVersions = [
  '8.0.3.0',
  '8.0.2.0',
  '8.0.1.0',
  '8.0.0.1',
  '8.0.0.0',
  '7.0.3.2',
  '7.0.3.0',
  '7.0.2.0',
  '7.0.1.0',
  '7.0.0.0',
  '6.7.3',
  '6.7.2',
  '6.7.1',
  '6.7',
  '6.5',
]

/** That of a vCenter 8 has some 5 KB and 200 elements. */
const maxBytes = 64 * 1024
const maxElements = 2_000

/** Every server understands it. */
export const oldestVersion = knownVersions.at(-1) as string

/** Asks the server what it speaks. The newest `version` may be an internal id, so the prior ones count too. */
export async function negotiateVersion(
  transport: Transport,
  path: string,
  limits: Pick<TransportRequest, 'signal' | 'timeoutMs'> = {},
): Promise<string> {
  const response = await transport.send({
    method: 'GET',
    path: `${path}/${versionsFile}`,
    headers: {},
    ...limits,
  })
  const text = await textOf(response)
  // A server that is only starting must not be taken for an old one: what it would hide then stays hidden for the session.
  if (response.status >= 500) {
    throw new TransportError('STATUS', `${versionsFile} was answered with HTTP status ${response.status}`, {
      status: response.status,
      mayHaveBeenSent: false,
    })
  }
  // Servers that do not tell are asked for the oldest.
  if (response.status !== 200) return oldestVersion
  const offered = new Set<string>()
  if (text === undefined) throw new SoapError(`${versionsFile} is larger than ${maxBytes} bytes`)
  for (const namespace of parse(text).children) {
    if (namespace.children.find((child) => child.name === 'name')?.text !== 'urn:vim25') continue
    for (const child of namespace.children) {
      if (child.name === 'version') offered.add(child.text)
      if (child.name === 'priorVersions') for (const prior of child.children) offered.add(prior.text)
    }
  }
  return knownVersions.find((version) => offered.has(version)) ?? oldestVersion
}

/** The body; undefined when it is longer than any file of versions, and then not read to its end. */
async function textOf({ body }: TransportResponse): Promise<string | undefined> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > maxBytes) return undefined
    text += decoder.decode(chunk, { stream: true })
  }
  return text
}

function parse(text: string): XmlElement {
  if (text.split('<').length > 2 * maxElements)
    throw new SoapError(`${versionsFile} has more than ${maxElements} elements`)
  try {
    return parseXml(text)
  } catch (error) {
    if (!(error instanceof SoapError)) throw error
    throw new SoapError(`${versionsFile} is no good XML: ${error.message}`, { cause: error })
  }
}

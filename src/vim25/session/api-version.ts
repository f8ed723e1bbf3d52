// Negotiates the API version: the newest one that both the server and the gateway know. With an older version, the server hides
// newer types and properties.

import { SoapError } from '../../soap/soap-error.ts'
import { parseXml, type XmlElement } from '../../soap/xml/xml.ts'
import type { Transport, TransportRequest, TransportResponse } from '../../transport/transport.ts'
import { TransportError } from '../../transport/transport-error.ts'

const versionsFile = 'vimServiceVersions.xml'

/** The versions that the declarations were checked against, newest first. */
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

/** Limits of the versions file. The file of a vCenter 8 has about 5 KB and 200 elements. */
const maxBytes = 64 * 1024
const maxElements = 2_000

/** The oldest known version, which every server supports. */
export const oldestVersion = knownVersions.at(-1) as string

/**
 * Reads the supported versions from the server. Its newest `version` may be an internal id, so `priorVersions` count too.
 * @returns the newest version that both sides know, or `oldestVersion` if the server does not publish its versions
 * @throws TransportError on failure and on an HTTP status of 500 or above
 * @throws SoapError if the versions file is invalid or too large
 */
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
  // A 5xx status may come from a server that is still starting. It must not be treated as an old server, because newer types
  // would then be hidden for the whole session.
  if (response.status >= 500) {
    throw new TransportError('STATUS', `${versionsFile} returned HTTP status ${response.status}`, {
      status: response.status,
      mayHaveBeenSent: false,
    })
  }
  // Servers that do not publish their versions get the oldest one.
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

/** Reads the body as text. Stops and returns undefined if it is longer than `maxBytes`. */
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
    throw new SoapError(`${versionsFile} is not valid XML: ${error.message}`, { cause: error })
  }
}

// Which version of the API to speak: the newest that both sides know. An older one hides newer types and properties.

import { SoapError } from '../soap/soap-error.ts'
import { parseXml, type XmlElement } from '../soap/xml.ts'
import type { Transport, TransportRequest } from '../transport/transport.ts'
import { TransportError } from '../transport/transport-error.ts'

const file = 'vimServiceVersions.xml'

/** What our declarations were checked against, newest first. */
const known = [
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

/** Every server understands it. */
export const oldestVersion = known.at(-1) as string

/** Asks the server what it speaks. The newest `version` may be an internal id, so the prior ones count too. */
export async function negotiateVersion(
  transport: Transport,
  path: string,
  limits: Pick<TransportRequest, 'signal' | 'timeoutMs'> = {},
): Promise<string> {
  const response = await transport.send({
    method: 'GET',
    path: `${path}/${file}`,
    headers: {},
    ...limits,
  })
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body) text += decoder.decode(chunk, { stream: true })
  // A server that is only starting must not be taken for an old one: what it would hide then stays hidden for the session.
  if (response.status >= 500) {
    throw new TransportError('STATUS', `${file} was answered with HTTP status ${response.status}`, {
      status: response.status,
      mayHaveBeenSent: false,
    })
  }
  // Servers that do not tell are asked for the oldest.
  if (response.status !== 200) return oldestVersion
  const offered = new Set<string>()
  for (const namespace of parse(text).children) {
    if (namespace.children.find((child) => child.name === 'name')?.text !== 'urn:vim25') continue
    for (const child of namespace.children) {
      if (child.name === 'version') offered.add(child.text)
      if (child.name === 'priorVersions') for (const prior of child.children) offered.add(prior.text)
    }
  }
  return known.find((version) => offered.has(version)) ?? oldestVersion
}

function parse(text: string): XmlElement {
  try {
    return parseXml(text)
  } catch (error) {
    if (!(error instanceof SoapError)) throw error
    throw new SoapError(`${file} is no good XML: ${error.message}`, { cause: error })
  }
}

// A second decoder for responses: parses the whole text into a tree first, with another parser than the client's streaming one.
// Both must return the same values.

import type { MethodName, MethodResult, SoapReply } from '../../src/soap/envelope.ts'
import { ReplyDecoder } from '../../src/soap/reply-decoder.ts'
import { emitEvents, parseXml } from '../../src/soap/xml/xml.ts'

/** Throws SoapError for HTML, truncated bodies and responses to other methods. */
export function decodeReply<M extends MethodName>(method: M, text: string): SoapReply<MethodResult<M>> {
  const decoder = new ReplyDecoder(method)
  emitEvents(parseXml(text), decoder)
  return decoder.reply()
}

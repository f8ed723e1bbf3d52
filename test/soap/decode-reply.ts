// The other reading of a reply: its whole text parsed into a tree first, by another parser than the client's, which reads while it
// arrives. Both must say the same.

import type { MethodName, MethodResult, SoapReply } from '../../src/soap/envelope.ts'
import { ReplyDecoder } from '../../src/soap/reply-decoder.ts'
import { parseXml } from '../../src/soap/xml.ts'
import { replay } from '../../src/soap/xml-events.ts'

/** HTML, cut bodies and replies to something else are a SoapError. */
export function decodeReply<M extends MethodName>(method: M, text: string): SoapReply<MethodResult<M>> {
  const decoder = new ReplyDecoder(method)
  replay(parseXml(text), decoder)
  return decoder.reply()
}

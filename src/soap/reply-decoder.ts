// Decodes the reply to a call from XML events. A reply has exactly one result or one fault, and no other content. Handlers can
// receive the items of the result as they are decoded, so that a large response is never held in memory.

import {
  type MethodName,
  type MethodResult,
  methodSignature,
  type SoapFault,
  type SoapReply,
} from './method-signature.ts'
import { SoapError } from './soap-error.ts'
import { type DecodeOptions, type ItemHandler, ValueDecoder } from './value-decoder.ts'
import type { DataObject } from './vim-types.ts'
import type { XmlHandler, XmlTag } from './xml/xml.ts'
import { createXmlReader } from './xml/xml-scanner.ts'

/** Handlers for the items of the result's fields, by field name. A handled item is not part of the result. */
export type ItemHandlers = ReadonlyMap<string, ItemHandler>

/** The position in the document: `Envelope > Body > XResponse > returnval`, or `Envelope > Body > Fault > detail > XFault`. */
type DecoderState = 'document' | 'envelope' | 'body' | 'response' | 'fault' | 'detail' | 'ignored'

/** States in which text is an error. */
const elementOnlyStates: ReadonlySet<DecoderState> = new Set(['envelope', 'body', 'response'])

export class ReplyDecoder<M extends MethodName> implements XmlHandler {
  readonly #method: M
  readonly #handlers: ItemHandlers | undefined
  readonly #decodeOptions: DecodeOptions | undefined
  readonly #states: DecoderState[] = ['document']
  /** Decoder of the current value; `#done` receives that value. */
  #decoder: ValueDecoder | undefined
  #onValue: (value: unknown) => void = () => {}
  #hasBody = false
  #outcome: 'result' | 'fault' | undefined
  #hasDetail = false
  readonly #results: unknown[] = []
  readonly #fault: Record<string, unknown> = {}

  constructor(method: M, handlers?: ItemHandlers, decodeOptions?: DecodeOptions) {
    this.#method = method
    this.#handlers = handlers
    this.#decodeOptions = decodeOptions
  }

  open(tag: XmlTag): boolean {
    if (this.#decoder) return this.#decoder.open(tag)
    if (this.#tryDecode(tag)) return true
    const state = this.#nextState(tag)
    if (state === 'ignored') return false
    this.#states.push(state)
    return true
  }

  text(source: string, from: number, to: number, ascii?: Buffer): void {
    if (this.#decoder) this.#decoder.text(source, from, to, ascii)
    else if (elementOnlyStates.has(this.#state) && /\S/.test(source.slice(from, to)))
      throw new SoapError(`unexpected text in the SOAP ${this.#state}`)
  }

  close(): void {
    const decoder = this.#decoder
    if (!decoder) {
      this.#states.pop()
      return
    }
    decoder.close()
    if (!decoder.isDone) return
    this.#decoder = undefined
    this.#onValue(decoder.value)
  }

  /**
   * Returns the reply after the end of the document.
   * @throws SoapError if the document has no reply
   */
  reply(): SoapReply<MethodResult<M>> {
    if (this.#outcome === 'fault') {
      const { faultcode = '', faultstring = '', detail } = this.#fault
      return { fault: { faultcode, faultstring, detail } as SoapFault }
    }
    if (this.#outcome === undefined) throw new SoapError(`the body is not a reply to ${this.#method}`)
    const { returns } = methodSignature(this.#method)
    if (returns && !returns.optional && this.#results.length === 0) {
      throw new SoapError(`the reply to ${this.#method} has no returnval`)
    }
    return { result: (returns?.repeated ? this.#results : this.#results[0]) as MethodResult<M> }
  }

  get #state(): DecoderState {
    return this.#states.at(-1) as DecoderState
  }

  /** Starts to decode the element if it is a value in the current state. Returns false if it is not. */
  #tryDecode(tag: XmlTag): boolean {
    switch (this.#state) {
      case 'response':
        return this.#beginResult(tag)
      case 'fault':
        return this.#beginFaultText(tag)
      case 'detail': {
        // With two details it is undefined which one applies.
        if (this.#fault.detail !== undefined) throw new SoapError('the fault has more than one detail')
        // The element name is <Type>Fault. Without an xsi:type, only the name shows the type.
        const typed = tag.xsiType ? tag : { ...tag, xsiType: tag.name.replace(/Fault$/, '') }
        return this.#decode(typed, 'MethodFault', (value) => {
          this.#fault.detail = value as DataObject<'MethodFault'>
        })
      }
      default:
        return false
    }
  }

  #beginResult(tag: XmlTag): true {
    const { returns } = methodSignature(this.#method)
    // Other content may be the end of a reply that failed midway, or a part of another reply.
    if (tag.name !== 'returnval' || !returns)
      throw new SoapError(`the reply to ${this.#method} has an unexpected <${tag.name}>`)
    if (!returns.repeated && this.#results.length > 0)
      throw new SoapError(`the reply to ${this.#method} has more than one result`)
    return this.#decode(tag, returns.type, (value) => this.#results.push(value), this.#handlers)
  }

  #beginFaultText({ name, ...tag }: XmlTag): boolean {
    if (name !== 'faultcode' && name !== 'faultstring') return false
    if (this.#fault[name] !== undefined) throw new SoapError(`the fault has more than one <${name}>`)
    return this.#decode({ ...tag, name }, 'string', (value) => {
      this.#fault[name] = value
    })
  }

  #decode(tag: XmlTag, type: string, done: (value: unknown) => void, handlers?: ItemHandlers): true {
    this.#decoder = new ValueDecoder(type, handlers, this.#decodeOptions)
    this.#onValue = done
    this.#decoder.open(tag)
    return true
  }

  #nextState({ name }: XmlTag): DecoderState {
    switch (this.#state) {
      case 'document':
        if (name !== 'Envelope') throw new SoapError(`the body is not a SOAP envelope, but <${name}>`)
        return 'envelope'
      case 'envelope':
        return this.#nextInEnvelope(name)
      case 'body':
        return this.#nextInBody(name)
      case 'fault':
        if (name === 'faultactor') return 'ignored'
        if (name !== 'detail' || this.#hasDetail) throw new SoapError(`the fault has an unexpected <${name}>`)
        this.#hasDetail = true
        return 'detail'
      default:
        return 'ignored'
    }
  }

  #nextInEnvelope(name: string): DecoderState {
    if (name === 'Header' && !this.#hasBody) return 'ignored'
    if (name !== 'Body' || this.#hasBody) throw new SoapError(`the SOAP envelope has an unexpected <${name}>`)
    this.#hasBody = true
    return 'body'
  }

  #nextInBody(name: string): DecoderState {
    if (this.#outcome !== undefined)
      throw new SoapError(`the body has a <${name}> after its ${this.#outcome}`)
    if (name === 'Fault') {
      this.#outcome = 'fault'
      return 'fault'
    }
    if (name !== `${this.#method}Response`) throw new SoapError(`the body is not a reply to ${this.#method}`)
    this.#outcome = 'result'
    return 'response'
  }
}

/**
 * Reads a reply as it arrives. Both methods throw a SoapError if the reply is invalid, and a ReplyTooLargeError if it exceeds a
 * limit.
 */
export interface ReplyReader<M extends MethodName> {
  write(chunk: string): void
  /** Ends the input and returns the reply, without the items that handlers received. */
  end(): SoapReply<MethodResult<M>>
}

export function createReplyReader<M extends MethodName>(
  method: M,
  handlers: ItemHandlers = new Map(),
  decodeOptions: DecodeOptions = {},
): ReplyReader<M> {
  const decoder = new ReplyDecoder(method, handlers, decodeOptions)
  const reader = createXmlReader(decoder, decodeOptions.limits)
  return {
    write: (chunk) => reader.write(chunk),
    end: () => {
      reader.end()
      return decoder.reply()
    },
  }
}

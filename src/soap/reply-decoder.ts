// The reply to a call, from the events of its envelope: exactly one result or one fault, and nothing beside it. Items of the
// result can be handed over as they end, so that a large answer is never held.

import { createExtentFastPath, extentField } from './extent-fast-path.ts'
import {
  type MethodName,
  type MethodResult,
  methodSignature,
  type SoapFault,
  type SoapReply,
} from './method-signature.ts'
import { SoapError } from './soap-error.ts'
import { type DecodeOptions, type ItemHandler, maxDepth, ValueDecoder } from './value-decoder.ts'
import type { DataObject } from './vim-types.ts'
import { localName } from './xml.ts'
import { createXmlReader, type XmlHandler, type XmlTag } from './xml-events.ts'

/** Who takes the items of the result's own fields as they end, by field name. What is taken is not in the result. */
export type ItemHandlers = ReadonlyMap<string, ItemHandler>

/** Where the decoder stands: `Envelope > Body > XResponse > returnval`, or `Envelope > Body > Fault > detail > XFault`. */
type DecoderState = 'document' | 'envelope' | 'body' | 'response' | 'fault' | 'detail' | 'ignored'

/** Where text has no meaning, and none may be. */
const withoutText: ReadonlySet<DecoderState> = new Set(['envelope', 'body', 'response'])

export class ReplyDecoder<M extends MethodName> implements XmlHandler {
  readonly #method: M
  readonly #handlers: ItemHandlers | undefined
  readonly #decodeOptions: DecodeOptions | undefined
  readonly #states: DecoderState[] = ['document']
  /** Of the value that is being read, and who it is for. */
  #decoder: ValueDecoder | undefined
  #done: (value: unknown) => void = () => {}
  #hasBody = false
  #answered: 'result' | 'fault' | undefined
  #hasDetail = false
  readonly #results: unknown[] = []
  readonly #fault: Record<string, unknown> = {}

  constructor(method: M, handlers?: ItemHandlers, decodeOptions?: DecodeOptions) {
    this.#method = method
    this.#handlers = handlers
    this.#decodeOptions = decodeOptions
  }

  open(tag: XmlTag): void {
    if (this.#decoder) this.#decoder.open(tag)
    else this.#enter({ ...tag, name: localName(tag.name) })
  }

  text(chunk: string): void {
    if (this.#decoder) this.#decoder.text(chunk)
    else if (withoutText.has(this.#state) && /\S/.test(chunk))
      throw new SoapError(`the ${this.#state} of the envelope has text beside its elements`)
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
    this.#done(decoder.value)
  }

  /** The reply, once the document has ended. @throws SoapError when there was none. */
  reply(): SoapReply<MethodResult<M>> {
    if (this.#answered === 'fault') {
      const { faultcode = '', faultstring = '', detail } = this.#fault
      return { fault: { faultcode, faultstring, detail } as SoapFault }
    }
    if (this.#answered === undefined) throw new SoapError(`the body is not a reply to ${this.#method}`)
    const { returns } = methodSignature(this.#method)
    if (returns && !returns.optional && this.#results.length === 0) {
      throw new SoapError(`the reply to ${this.#method} has no returnval`)
    }
    return { result: (returns?.repeated ? this.#results : this.#results[0]) as MethodResult<M> }
  }

  #enter(tag: XmlTag): void {
    if (this.#tryDecode(tag)) return
    if (this.#states.length > maxDepth)
      throw new SoapError(`<${tag.name}> is nested more than ${maxDepth} levels deep`)
    this.#states.push(this.#nextState(tag))
  }

  get #state(): DecoderState {
    return this.#states.at(-1) as DecoderState
  }

  /** Begins a value, if the element is one. */
  #tryDecode(tag: XmlTag): boolean {
    switch (this.#state) {
      case 'response':
        return this.#beginResult(tag)
      case 'fault':
        return this.#beginFaultText(tag)
      case 'detail': {
        // Which of two is meant nobody can tell.
        if (this.#fault.detail !== undefined) throw new SoapError('the fault has several details')
        // The element is called <Type>Fault; without an xsi:type that is all there is to tell the type by.
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
    // Something beside the result may be the end of a reply that failed on its way, or a part of another.
    if (tag.name !== 'returnval' || !returns)
      throw new SoapError(`the reply to ${this.#method} has a <${tag.name}> beside its result`)
    if (!returns.repeated && this.#results.length > 0)
      throw new SoapError(`the reply to ${this.#method} has several results`)
    return this.#decode(tag, returns.type, (value) => this.#results.push(value), this.#handlers)
  }

  #beginFaultText({ name, ...tag }: XmlTag): boolean {
    if (name !== 'faultcode' && name !== 'faultstring') return false
    if (this.#fault[name] !== undefined) throw new SoapError(`the fault has several <${name}>`)
    return this.#decode({ ...tag, name }, 'string', (value) => {
      this.#fault[name] = value
    })
  }

  #decode(tag: XmlTag, type: string, done: (value: unknown) => void, handlers?: ItemHandlers): true {
    this.#decoder = new ValueDecoder(type, handlers, this.#decodeOptions)
    this.#done = done
    this.#decoder.open(tag)
    return true
  }

  #nextState({ name }: XmlTag): DecoderState {
    switch (this.#state) {
      case 'document':
        if (name !== 'Envelope') throw new SoapError(`the body is not a SOAP envelope but <${name}>`)
        return 'envelope'
      case 'envelope':
        return this.#nextInEnvelope(name)
      case 'body':
        return this.#nextInBody(name)
      case 'fault':
        if (name === 'faultactor') return 'ignored'
        if (name !== 'detail' || this.#hasDetail)
          throw new SoapError(`the fault has a <${name}> that does not belong to it`)
        this.#hasDetail = true
        return 'detail'
      default:
        return 'ignored'
    }
  }

  #nextInEnvelope(name: string): DecoderState {
    if (name === 'Header' && !this.#hasBody) return 'ignored'
    if (name !== 'Body' || this.#hasBody)
      throw new SoapError(`the SOAP envelope has a <${name}> that does not belong to it`)
    this.#hasBody = true
    return 'body'
  }

  #nextInBody(name: string): DecoderState {
    if (this.#answered !== undefined)
      throw new SoapError(`the body has a <${name}> after its ${this.#answered}`)
    if (name === 'Fault') {
      this.#answered = 'fault'
      return 'fault'
    }
    if (name !== `${this.#method}Response`) throw new SoapError(`the body is not a reply to ${this.#method}`)
    this.#answered = 'result'
    return 'response'
  }
}

/** Reads a reply while it arrives. Everything that is wrong with it is a SoapError, from whichever call finds it; what is too large a ReplyTooLargeError. */
export interface ReplyReader<M extends MethodName> {
  write(chunk: string): void
  /** Nothing more will come: the reply, without what was taken. */
  end(): SoapReply<MethodResult<M>>
}

export function createReplyReader<M extends MethodName>(
  method: M,
  handlers: ItemHandlers = new Map(),
  decodeOptions: DecodeOptions = {},
): ReplyReader<M> {
  const extentHandler = handlers.get(extentField)
  const fastPath = extentHandler && createExtentFastPath(extentHandler)
  const decoder = new ReplyDecoder(
    method,
    fastPath ? new Map([...handlers, [extentField, fastPath.onItem]]) : handlers,
    decodeOptions,
  )
  const parser = createXmlReader(decoder, decodeOptions.limits)
  const reader = fastPath ? fastPath.wrap(parser) : parser
  return {
    write: reader.write,
    end: () => {
      reader.end()
      return decoder.reply()
    },
  }
}

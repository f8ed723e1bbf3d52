// The reply to a call, from the events of its envelope: result or fault. Items of the result can be handed over as they
// end, so that a large answer is never held.

import { createExtentRuns, extentField } from './extent-runs.ts'
import {
  type MethodName,
  type MethodResult,
  methodShape,
  type SoapFault,
  type SoapReply,
} from './method-shape.ts'
import { SoapError } from './soap-error.ts'
import { type IsRead, type TakeItem, ValueDecoder } from './value-decoder.ts'
import type { DataObject } from './vim-types.ts'
import { localName } from './xml.ts'
import { createXmlReader, type XmlHandler, type XmlTag } from './xml-events.ts'

/** Who takes the items of the result's own fields as they end, by field name. What is taken is not in the result. */
export type TakeItems = ReadonlyMap<string, TakeItem>

/** Where the decoder stands: `Envelope > Body > XResponse > returnval`, or `Envelope > Body > Fault > detail > XFault`. */
type Place = 'document' | 'envelope' | 'body' | 'response' | 'fault' | 'detail' | 'aside'

export class ReplyDecoder<M extends MethodName> implements XmlHandler {
  readonly #method: M
  readonly #take: TakeItems | undefined
  readonly #isRead: IsRead | undefined
  readonly #places: Place[] = ['document']
  /** Of the value that is being read, and who it is for. */
  #decoder: ValueDecoder | undefined
  #done: (value: unknown) => void = () => {}
  #answered: 'result' | 'fault' | undefined
  readonly #results: unknown[] = []
  readonly #fault: Record<string, unknown> = {}

  constructor(method: M, take?: TakeItems, isRead?: IsRead) {
    this.#method = method
    this.#take = take
    this.#isRead = isRead
  }

  open(tag: XmlTag): void {
    if (this.#decoder) this.#decoder.open(tag)
    else this.#enter({ ...tag, name: localName(tag.name) })
  }

  text(piece: string): void {
    this.#decoder?.text(piece)
  }

  close(): void {
    const decoder = this.#decoder
    if (!decoder) {
      this.#places.pop()
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
    const { returns } = methodShape(this.#method)
    if (returns && !returns.optional && this.#results.length === 0) {
      throw new SoapError(`the reply to ${this.#method} has no returnval`)
    }
    return { result: (returns?.repeated ? this.#results : this.#results[0]) as MethodResult<M> }
  }

  #enter(tag: XmlTag): void {
    if (!this.#begin(tag)) this.#places.push(this.#next(tag))
  }

  /** Begins a value, if the element is one. */
  #begin(tag: XmlTag): boolean {
    const place = this.#places.at(-1)
    const { returns } = methodShape(this.#method)
    if (place === 'response' && tag.name === 'returnval' && returns) {
      if (!returns.repeated && this.#results.length > 0)
        throw new SoapError(`the reply to ${this.#method} has several results`)
      return this.#decode(tag, returns.type, (value) => this.#results.push(value), this.#take)
    }
    if (place === 'fault' && (tag.name === 'faultcode' || tag.name === 'faultstring')) {
      return this.#decode(tag, 'string', (value) => {
        this.#fault[tag.name] = value
      })
    }
    if (place === 'detail' && this.#fault.detail === undefined) {
      // The element is called <Type>Fault; without an xsi:type that is all there is to tell the type by.
      const typed = tag.xsiType ? tag : { ...tag, xsiType: tag.name.replace(/Fault$/, '') }
      return this.#decode(typed, 'MethodFault', (value) => {
        this.#fault.detail = value as DataObject<'MethodFault'>
      })
    }
    return false
  }

  #decode(tag: XmlTag, type: string, done: (value: unknown) => void, take?: TakeItems): true {
    this.#decoder = new ValueDecoder(type, take, this.#isRead)
    this.#done = done
    this.#decoder.open(tag)
    return true
  }

  #next({ name }: XmlTag): Place {
    switch (this.#places.at(-1)) {
      case 'document':
        if (name !== 'Envelope') throw new SoapError(`the body is not a SOAP envelope but <${name}>`)
        return 'envelope'
      case 'envelope':
        return name === 'Body' ? 'body' : 'aside'
      case 'body':
        if (this.#answered !== undefined) return 'aside'
        if (name === 'Fault') {
          this.#answered = 'fault'
          return 'fault'
        }
        if (name !== `${this.#method}Response`)
          throw new SoapError(`the body is not a reply to ${this.#method}`)
        this.#answered = 'result'
        return 'response'
      case 'fault':
        return name === 'detail' ? 'detail' : 'aside'
      default:
        return 'aside'
    }
  }
}

/** Reads a reply while it arrives. Everything that is wrong with it is a SoapError, from whichever call finds it. */
export interface ReplyReader<M extends MethodName> {
  write(piece: string): void
  /** Nothing more will come: the reply, without what was taken. */
  end(): SoapReply<MethodResult<M>>
}

export function createReplyReader<M extends MethodName>(
  method: M,
  take: TakeItems = new Map(),
  isRead?: IsRead,
): ReplyReader<M> {
  const takeExtent = take.get(extentField)
  const runs = takeExtent && createExtentRuns(takeExtent)
  const decoder = new ReplyDecoder(method, runs ? new Map([...take, [extentField, runs.take]]) : take, isRead)
  const parser = createXmlReader(decoder)
  const reader = runs ? runs.before(parser) : parser
  return {
    write: reader.write,
    end: () => {
      reader.end()
      return decoder.reply()
    },
  }
}

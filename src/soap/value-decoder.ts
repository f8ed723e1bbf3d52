// Decodes XML events to values by declared type. Both a complete document (codec.ts) and a document that is still arriving
// (reply-decoder.ts) are decoded here.

import {
  assignField,
  attachDecodeError,
  createFrame,
  type Frame,
  leafValue,
  newObject,
  undeclaredValue,
} from './decode-frame.ts'
import {
  type ChildPlan,
  type DecodePlan,
  decodePlanFor,
  emptyPlan,
  type Member,
  planChild,
} from './decode-plan.ts'
import { SoapError } from './soap-error.ts'
import { maxDepth, type ReplyLimits, replyLimits, replyTooLarge, tooDeep } from './xml/reply-limits.ts'
import type { XmlHandler, XmlTag } from './xml/xml.ts'
import { copyPart } from './xml/xml-text.ts'

/** Receives the items of a field as they are decoded; the decoder does not keep them. */
export type ItemHandler = (item: unknown) => void

/** Which parts of a reply to decode, and its limits. */
export interface DecodeOptions {
  /** Whether to decode the content of array items of a type. For other items only the type is kept. @default decodes all */
  readonly shouldDecode?: ((typeName: string) => boolean) | undefined
  /** Whether to decode the value of the property with this path. Other values are skipped. @default decodes all */
  readonly isRequested?: ((path: string) => boolean) | undefined
  /** @default replyLimits */
  readonly limits?: ReplyLimits | undefined
}

const all = () => true

/** Decodes one element from its XML events: `open` the element, pass on the events of its content, `close` it. */
export class ValueDecoder implements XmlHandler {
  readonly #declared: string
  readonly #handlers: ReadonlyMap<string, ItemHandler> | undefined
  readonly #shouldDecode: (typeName: string) => boolean
  readonly #isRequested: (path: string) => boolean
  readonly #maxValues: number
  readonly #maxCharacters: number
  /** By plan, the value of all array items whose content is not decoded; null if it is decoded. */
  readonly #skippedItems = new Map<DecodePlan, object | null>()
  /** The innermost open element that is not a leaf. */
  #frame: Frame | undefined
  /** The plan, field, tag and text of the open leaf. Nearly all elements are leaves, so they have no frames. */
  #leaf: DecodePlan | undefined
  #leafMember: Member | undefined
  #leafTag: XmlTag | undefined
  /** The text is a part of a string. It is copied only if it becomes a string of the value. */
  #source = ''
  #from = 0
  #to = 0
  /** Elements and characters since the last item that a handler received. */
  #values = 0
  #characters = 0
  #value: unknown

  /**
   * @param declared the declared type of the element
   * @param handlers receive the items of the element's fields, by field name
   */
  constructor(
    declared: string,
    handlers?: ReadonlyMap<string, ItemHandler>,
    { shouldDecode = all, isRequested = all, limits = replyLimits }: DecodeOptions = {},
  ) {
    this.#declared = declared
    this.#handlers = handlers
    this.#shouldDecode = shouldDecode
    this.#isRequested = isRequested
    this.#maxValues = limits.values
    this.#maxCharacters = limits.characters
  }

  /** Whether the element is closed. */
  get isDone(): boolean {
    return this.#frame === undefined && this.#leaf === undefined
  }

  /** The value of the element; set once it is closed. */
  get value(): unknown {
    return this.#value
  }

  open(tag: XmlTag): boolean {
    const parent = this.#frame
    if (this.#leaf !== undefined) {
      rejectFault(tag)
      // If an area came in an element of another name, skipping it would silently lose the area.
      if (this.#leaf === emptyPlan)
        throw new SoapError(`a ${parent?.plan.typeName} has an unknown element that contains <${tag.name}>`)
      return false
    }
    if (parent === undefined) return this.#begin(decodePlanFor(this.#declared, tag), parent, undefined, tag)
    parent.hasChildren = true
    let child: ChildPlan
    try {
      child = planChild(parent.plan, tag)
      if (parent.depth === maxDepth && child.plan !== undefined) throw tooDeep(tag.name)
    } catch (error) {
      attachDecodeError(error, parent)
      return false
    }
    const { member, plan } = child
    if (member === undefined) rejectFault(tag)
    if (plan === undefined) return false
    this.#values += 1
    if (this.#values > this.#maxValues) throw replyTooLarge('values', this.#maxValues)
    if (member === undefined) return this.#beginItem(plan, parent, tag)
    if (member.isPropertyValue) {
      // A value that precedes its property name is always decoded.
      const { name } = parent.value as { readonly name?: string }
      if (name !== undefined && !this.#isRequested(name)) return false
    }
    return this.#begin(plan, parent, member, tag)
  }

  text(source: string, from: number, to: number, ascii?: Buffer): void {
    if (this.#leaf !== undefined) {
      if (this.#leaf === emptyPlan) return
      this.#count(to - from)
      const { kind } = this.#leaf
      if (kind === 'string' || kind === 'reference') {
        const part = copyPart(source, from, to, ascii)
        this.#source = this.#to === 0 ? part : this.#source + part
        this.#to = this.#source.length
      } else if (this.#from === this.#to) {
        this.#source = source
        this.#from = from
        this.#to = to
      } else {
        this.#source = this.#source.slice(this.#from, this.#to) + source.slice(from, to)
        this.#from = 0
        this.#to = this.#source.length
      }
      return
    }
    const frame = this.#frame
    if (frame === undefined) return
    if (frame.plan.kind === 'undeclared') {
      this.#count(to - from)
      frame.text += copyPart(source, from, to, ascii)
    } else if (frame.plan.isStrict && /\S/.test(source.slice(from, to)))
      // The text may be elements that an intermediary escaped. Their content would be lost.
      attachDecodeError(new SoapError(`unexpected text in a ${frame.plan.typeName}`), frame)
  }

  close(): void {
    if (this.#leaf !== undefined) {
      this.#closeLeaf(this.#leaf)
      return
    }
    const frame = this.#frame as Frame
    const { parent, plan, member } = frame
    this.#frame = parent
    if (plan.isStrict && frame.required < plan.required) {
      try {
        this.#checkFields(frame)
      } catch (error) {
        attachDecodeError(error, frame)
      }
    }
    const value = plan.kind === 'undeclared' ? undeclaredValue(frame) : frame.value
    this.#assign(parent, member, frame.decodeError ?? value)
  }

  /** Starts an element, and returns true, because its content is read. */
  #begin(plan: DecodePlan, parent: Frame | undefined, member: Member | undefined, tag: XmlTag): true {
    if (plan.isLeaf) {
      this.#leaf = plan
      this.#leafMember = member
      this.#leafTag = tag
    } else this.#frame = createFrame(plan, parent, member)
    return true
  }

  #beginItem(plan: DecodePlan, parent: Frame, tag: XmlTag): boolean {
    if (plan.kind === 'object') {
      let skipped = this.#skippedItems.get(plan)
      if (skipped === undefined) {
        skipped = this.#shouldDecode(plan.typeName) ? null : Object.freeze(newObject(plan.typeName))
        // A server could send any number of undeclared types.
        if (this.#skippedItems.size < 1_000) this.#skippedItems.set(plan, skipped)
      }
      if (skipped !== null) {
        this.#assign(parent, undefined, skipped)
        return false
      }
    }
    return this.#begin(plan, parent, undefined, tag)
  }

  #closeLeaf(plan: DecodePlan): void {
    const member = this.#leafMember
    let value: unknown
    try {
      value = leafValue(plan, this.#leafTag as XmlTag, this.#source, this.#from, this.#to)
    } catch (error) {
      if (member?.isPropertyValue && error instanceof SoapError) value = error
      else attachDecodeError(error, this.#frame)
    }
    this.#leaf = undefined
    this.#from = this.#to = 0
    if (plan !== emptyPlan) this.#assign(this.#frame, member, value)
  }

  #count(characters: number): void {
    this.#characters += characters
    if (this.#characters > this.#maxCharacters) throw replyTooLarge('characters', this.#maxCharacters)
  }

  #assign(parent: Frame | undefined, member: Member | undefined, value: unknown): void {
    if (parent === undefined) {
      this.#value = value
      return
    }
    if (member === undefined) {
      ;(parent.value as unknown[]).push(value)
      return
    }
    const handler = parent.parent ? undefined : this.#handlers?.get(member.name)
    if (handler) {
      this.#values = this.#characters = 0
      handler(value)
    } else assignField(parent, member, value)
  }

  /** Throws if a strict type lacks a required field. In all other types a server may omit required fields. */
  #checkFields({ plan, value, parent }: Frame): void {
    for (const { name, optional, type } of plan.members.values()) {
      if (optional || (value as Record<string, unknown>)[name] !== undefined) continue
      if (!parent && this.#handlers?.has(name)) continue
      throw new SoapError(`a ${plan.typeName} lacks the required field ${name} of type ${type}`)
    }
  }
}

/** Some servers end a result like this when they fail while writing it. No field and no type has this name. */
function rejectFault({ name }: XmlTag): void {
  if (name === 'Fault') throw new SoapError('the result contains a fault')
}

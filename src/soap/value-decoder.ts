// Decodes XML events to values by declared type. Both a complete document (codec.ts) and a document that is still arriving
// (reply-decoder.ts) are decoded here.

import {
  attachDecodeError,
  createFrame,
  decodedValue,
  type Frame,
  maxDepth,
  tooDeep,
} from './decode-frame.ts'
import { decodePlanFor, decodePlanForItem, decodePlanForMember, type Member } from './decode-plan.ts'
import { type ReplyLimits, replyLimits, replyTooLarge } from './reply-limits.ts'
import { SoapError } from './soap-error.ts'
import { localName } from './xml.ts'
import type { XmlHandler, XmlTag } from './xml-events.ts'

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
  /** The innermost open element. */
  #frame: Frame | undefined
  /** Number of open elements that are being skipped. */
  #skipping = 0
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
    return this.#frame === undefined
  }

  /** The value of the element; set once it is closed. */
  get value(): unknown {
    return this.#value
  }

  open(tag: XmlTag): void {
    if (this.#skipping > 0) {
      // If an area came in an element of another name, skipping it would silently lose the area.
      const { typeName } = this.#frame?.plan ?? {}
      if (typeName !== undefined && areaTypes.has(typeName))
        throw new SoapError(`a ${typeName} has an unknown element that contains <${tag.name}>`)
      this.#skipping += 1
      if (this.#skipping > maxDepth) throw tooDeep(tag)
      return
    }
    const parent = this.#frame
    if (!parent) {
      this.#frame = createFrame(decodePlanFor(this.#declared, tag), undefined, undefined, tag)
      return
    }
    parent.hasChildren = true
    const { members } = parent.plan
    const member = members.get(tag.name) ?? members.get(localName(tag.name))
    if (!member) {
      // Some servers end a result like this when they fail while writing it. No field and no type has this name.
      if (localName(tag.name) === 'Fault') throw new SoapError('the result contains a fault')
      if (parent.plan.kind !== 'array') {
        this.#skipping = 1
        return
      }
    }
    this.#values += 1
    if (this.#values > this.#maxValues) throw replyTooLarge('values', this.#maxValues)
    if (member?.isPropertyValue) {
      // A value that precedes its property name is always decoded.
      const { name } = parent.value as { readonly name?: string }
      if (name !== undefined && !this.#isRequested(name)) {
        this.#skipping = 1
        return
      }
    }
    try {
      const plan = member ? decodePlanForMember(member, tag) : decodePlanForItem(tag, this.#shouldDecode)
      this.#frame = createFrame(plan, parent, member, tag)
    } catch (error) {
      attachDecodeError(error, parent)
      this.#skipping = 1
    }
  }

  text(piece: string): void {
    const frame = this.#frame
    if (this.#skipping > 0 || !frame) return
    const { kind, typeName } = frame.plan
    if (kind === 'object' || kind === 'array') {
      // The text may be elements that an intermediary escaped. Their content would be lost.
      if (strictTypes.has(typeName) && /\S/.test(piece))
        attachDecodeError(new SoapError(`unexpected text in a ${typeName}`), frame)
      return
    }
    this.#characters += piece.length
    if (this.#characters > this.#maxCharacters) throw replyTooLarge('characters', this.#maxCharacters)
    frame.text = frame.text === '' ? piece : frame.text + piece
  }

  close(): void {
    if (this.#skipping > 0) {
      this.#skipping -= 1
      return
    }
    const frame = this.#frame as Frame
    const { parent, member } = frame
    this.#frame = parent
    let value: unknown
    try {
      if (frame.plan.kind === 'object') this.#checkFields(frame)
      value = decodedValue(frame)
    } catch (error) {
      attachDecodeError(error, frame)
    }
    if (frame.decodeError) value = frame.decodeError
    if (!parent) this.#value = value
    else if (member) this.#assign(parent, member, value)
    else (parent.value as unknown[]).push(value)
  }

  #assign(parent: Frame, { name, repeated }: Member, value: unknown): void {
    const object = parent.value as Record<string, unknown>
    const handler = parent.parent ? undefined : this.#handlers?.get(name)
    if (handler) {
      this.#values = this.#characters = 0
      handler(value)
    } else if (!repeated) {
      // With two values it is undefined which one applies.
      if (object[name] !== undefined) throw new SoapError(`<${name}> occurs more than once`)
      object[name] = value
    } else if (object[name] === undefined) object[name] = [value]
    else (object[name] as unknown[]).push(value)
  }

  /** Throws if a strict type lacks a required field. In all other types a server may omit required fields. */
  #checkFields({ plan, value, parent }: Frame): void {
    if (!strictTypes.has(plan.typeName)) return
    for (const { name, optional, type } of plan.members.values()) {
      if (optional || (value as Record<string, unknown>)[name] !== undefined) continue
      if (!parent && this.#handlers?.has(name)) continue
      throw new SoapError(`a ${plan.typeName} lacks the required field ${name} of type ${type}`)
    }
  }
}

/** Types of a list of changed areas, which must be complete: in them, an unknown element is only skipped if it has no children. */
const areaTypes: ReadonlySet<string> = new Set(['DiskChangeExtent', 'DiskChangeInfo'])

/** Types whose required fields the code reads without checking that they are present. */
const strictTypes: ReadonlySet<string> = new Set([
  'DiskChangeExtent',
  'DiskChangeInfo',
  'DynamicProperty',
  'LocalizedMethodFault',
  'MissingProperty',
  'ObjectContent',
  'ObjectUpdate',
  'ServiceContent',
  'UpdateSet',
  'VirtualMachineSnapshotTree',
])

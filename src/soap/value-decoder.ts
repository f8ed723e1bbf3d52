// Elements -> values by declared type, from events: the one place that knows how an element is read, whether it comes out of
// a document that is read whole (codec.ts) or of one that is still arriving (reply-decoder.ts).

import {
  type DecodePlan,
  decodePlanFor,
  decodePlanForItem,
  decodePlanForMember,
  type Member,
} from './decode-plan.ts'
import { decodePrimitive } from './primitives.ts'
import { type ReplyLimits, replyLimits, replyTooLarge } from './reply-limits.ts'
import { SoapError } from './soap-error.ts'
import { localName } from './xml.ts'
import type { XmlHandler, XmlTag } from './xml-events.ts'

/** An element that is open. */
interface Frame {
  readonly parent: Frame | undefined
  readonly depth: number
  readonly plan: DecodePlan
  /** Where its value goes; undefined for the first element and for the items of an array. */
  readonly member: Member | undefined
  readonly tag: XmlTag
  readonly value: unknown
  text: string
  hasChildren: boolean
  /** Why the value of a property that it holds cannot be read. */
  decodeError: SoapError | undefined
}

/** Far more than any value has. What is open is kept, and looking for what a bad one spoils goes through all of it. */
export const maxDepth = 500

/** Takes a field's items as they end; they are then not kept. */
export type ItemHandler = (item: unknown) => void

/** What of a reply is read, and how much of it there may be. */
export interface DecodeOptions {
  /** Whether anyone reads what is in the items of arrays that are of a type; of others only the type is told. @default all */
  readonly shouldDecode?: ((typeName: string) => boolean) | undefined
  /** Whether anyone reads the value of a property, by its path; others are skipped. @default all */
  readonly isRequested?: ((path: string) => boolean) | undefined
  readonly limits?: ReplyLimits | undefined
}

const all = () => true

/** Decodes one element: open it, pass on the events of its content, close it. */
export class ValueDecoder implements XmlHandler {
  readonly #declared: string
  readonly #handlers: ReadonlyMap<string, ItemHandler> | undefined
  readonly #shouldDecode: (typeName: string) => boolean
  readonly #isRequested: (path: string) => boolean
  readonly #maxValues: number
  readonly #maxCharacters: number
  /** The innermost that is open. */
  #frame: Frame | undefined
  #skipping = 0
  /** Since the last item was handed over. */
  #values = 0
  #characters = 0
  #value: unknown

  /** `take`: who takes the items of the element's own fields, by name. */
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

  /** Whether the element has been closed. */
  get isDone(): boolean {
    return this.#frame === undefined
  }

  /** Of the element, once it is closed. */
  get value(): unknown {
    return this.#value
  }

  open(tag: XmlTag): void {
    if (this.#skipping > 0) {
      // An area in an element of another name would be missing from the map without an error.
      const { typeName } = this.#frame?.plan ?? {}
      if (typeName !== undefined && mapTypes.has(typeName))
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
      // What failed while it was being written ends so on some servers; no field and no type is called that.
      if (localName(tag.name) === 'Fault') throw new SoapError('a fault stands within a result')
      if (parent.plan.kind !== 'array') {
        this.#skipping = 1
        return
      }
    }
    this.#values += 1
    if (this.#values > this.#maxValues) throw replyTooLarge('values', this.#maxValues)
    if (member?.isPropertyValue) {
      // One that comes before its name is read in any case.
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
      // Such as elements that were escaped on their way: what they say would be missed.
      if (strictTypes.has(typeName) && /\S/.test(piece))
        attachDecodeError(new SoapError(`a ${typeName} has text beside its elements`), frame)
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
      // Which of two is meant nobody can tell.
      if (object[name] !== undefined) throw new SoapError(`<${name}> stands twice where it can stand once`)
      object[name] = value
    } else if (object[name] === undefined) object[name] = [value]
    else (object[name] as unknown[]).push(value)
  }

  /** Of the answers' own frame everything required must be there; of what it carries a server may leave things out. */
  #checkFields({ plan, value, parent }: Frame): void {
    if (!strictTypes.has(plan.typeName)) return
    for (const { name, optional, type } of plan.members.values()) {
      if (optional || (value as Record<string, unknown>)[name] !== undefined) continue
      if (!parent && this.#handlers?.has(name)) continue
      throw new SoapError(`a ${plan.typeName} comes without its ${name}, a ${type}`)
    }
  }
}

// A frame for each element, not frames used again: writing what is new into what is old costs the garbage collector more.
function createFrame(
  plan: DecodePlan,
  parent: Frame | undefined,
  member: Member | undefined,
  tag: XmlTag,
): Frame {
  const value = plan.kind === 'object' ? { _typeName: plan.typeName } : plan.kind === 'array' ? [] : undefined
  const depth = (parent?.depth ?? 0) + 1
  if (depth > maxDepth) throw tooDeep(tag)
  return { parent, depth, plan, member, tag, value, text: '', hasChildren: false, decodeError: undefined }
}

const tooDeep = ({ name }: XmlTag) => new SoapError(`<${name}> is nested more than ${maxDepth} levels deep`)

/** What cannot be read within the value of one property is that property's error, in place of its value, and no other's. */
function attachDecodeError(error: unknown, within: Frame): void {
  let property: Frame | undefined = within
  while (property && !isPropertyValue(property)) property = property.parent
  if (!property || !(error instanceof SoapError)) throw error
  property.decodeError ??= error
}

const isPropertyValue = ({ member }: Frame): boolean => member?.isPropertyValue === true

function decodedValue({ plan, tag, value, text, hasChildren }: Frame): unknown {
  switch (plan.kind) {
    case 'object':
    case 'array':
      return value
    case 'text':
      return plan.typeName === 'string' ? text : decodePrimitive(text, plan.typeName, tag.name)
    case 'undeclared':
      return hasChildren || text === '' ? { _typeName: plan.typeName } : text
    case 'reference': {
      const { type, serverGuid } = tag
      if (type === undefined) throw new SoapError(`<${tag.name}> should be a reference but has no type`)
      return serverGuid === undefined ? { type, value: text } : { type, value: text, serverGuid }
    }
  }
}

/** Types of a map of changed areas, which must be complete: an unknown element is skipped in them only if it has no children. */
const mapTypes: ReadonlySet<string> = new Set(['DiskChangeExtent', 'DiskChangeInfo'])

/** What is read without asking whether it is there. */
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

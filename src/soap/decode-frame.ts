// The open elements of a document that is being decoded: their values, and the decode errors in them.

import type { DecodePlan, Member } from './decode-plan.ts'
import { decodePrimitive } from './primitives.ts'
import { SoapError } from './soap-error.ts'
import type { XmlTag } from './xml-events.ts'

/** An open element. */
export interface Frame {
  readonly parent: Frame | undefined
  readonly depth: number
  readonly plan: DecodePlan
  /** The field of the parent that receives the value; undefined for the outermost element and for the items of an array. */
  readonly member: Member | undefined
  readonly tag: XmlTag
  readonly value: unknown
  text: string
  hasChildren: boolean
  /** The first decode error in the value of a property; it replaces that value. */
  decodeError: SoapError | undefined
}

/**
 * Maximum nesting depth, far more than any real value has. All open elements are kept in memory, and after a decode error all
 * of them are searched for the affected property.
 */
export const maxDepth = 500

/**
 * Creates the frame of an element. Frames are not reused: storing new objects in old ones costs the garbage collector more.
 * @throws SoapError if the element is nested too deep
 */
export function createFrame(
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

export const tooDeep = ({ name }: XmlTag) =>
  new SoapError(`<${name}> is nested more than ${maxDepth} levels deep`)

/** Records a decode error as the value of the property that contains it. Throws it if it is in no property, or not a SoapError. */
export function attachDecodeError(error: unknown, within: Frame): void {
  let property: Frame | undefined = within
  while (property && !isPropertyValue(property)) property = property.parent
  if (!property || !(error instanceof SoapError)) throw error
  property.decodeError ??= error
}

const isPropertyValue = ({ member }: Frame): boolean => member?.isPropertyValue === true

/** Returns the value of a closed element. */
export function decodedValue({ plan, tag, value, text, hasChildren }: Frame): unknown {
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
      if (type === undefined) throw new SoapError(`<${tag.name}> is a reference without a type`)
      return serverGuid === undefined ? { type, value: text } : { type, value: text, serverGuid }
    }
  }
}

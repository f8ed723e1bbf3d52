// Property paths: `name`, `runtime.host`, `config.hardware.device[2000].backing`, `extraConfig["key"]`.

import { type Field, fieldsOf, isManagedObject, propertiesOf } from '../../../soap/type-registry.ts'
import { escapeXml } from '../../../soap/xml/xml.ts'
import type { SimulatedObject } from '../../simulated-inventory.ts'
import { isAlwaysUnset } from './unset-properties.ts'

/** A step into a value: to a field of a data object, or to the array element with a key. */
type Step = { readonly field: string } | { readonly key: string }

export interface PropertyPath {
  readonly text: string
  /** The top-level property of the path. */
  readonly property: string
  readonly steps: readonly Step[]
  /** The declared type at the path, in the notation of soap/: `int`, `VirtualDevice*`. */
  readonly expression: string
  /** Whether the path selects by key. The number of such paths is unlimited, so they are not cached. */
  readonly keyed: boolean
  /** The start of a DynamicProperty: `<name>...</name>`. */
  readonly nameElement: string
}

const segmentPattern = /([A-Za-z_]\w*)(?:\[(?:(-?\d{1,10})|"([^"]{1,200})")\])?(?:\.|$)/y

const compiled = new Map<string, PropertyPath | undefined>()

/** Returns the compiled path on a managed object type; undefined if the type has no such property. */
export function compilePath(type: string, text: string): PropertyPath | undefined {
  const cacheKey = `${type} ${text}`
  if (compiled.has(cacheKey)) return compiled.get(cacheKey)
  const path = parsePath(type, text)
  if (path && !path.keyed) compiled.set(cacheKey, path)
  return path
}

function parsePath(type: string, text: string): PropertyPath | undefined {
  if (!isManagedObject(type) || text.length > 500 || text.endsWith('.')) return undefined
  const top = /^\w+/.exec(text)?.[0] ?? ''
  if (!propertiesOf(type)?.has(top) && isAlwaysUnset(type, top)) return unsetPath(text, top)
  const steps: Step[] = []
  let fields = propertiesOf(type)
  let property: string | undefined
  let keyed = false
  let itemType = ''
  let repeated = false
  segmentPattern.lastIndex = 0
  for (let at = 0; at < text.length; at = segmentPattern.lastIndex) {
    const [, name, number, string] = segmentPattern.exec(text) ?? []
    // Fields of all array elements at once are not a valid path; an element must be selected by its key.
    const field: Field | undefined = name === undefined || repeated ? undefined : fields?.get(name)
    if (!field) return undefined
    if (property === undefined) property = field.name
    else steps.push({ field: field.name })
    itemType = field.type
    repeated = field.repeated
    const key = number ?? string
    if (key !== undefined) {
      if (!repeated) return undefined
      steps.push({ key })
      repeated = false
      keyed = true
    }
    fields = fieldsOf(itemType)
  }
  if (property === undefined) return undefined
  return {
    text,
    property,
    steps,
    expression: repeated ? `${itemType}*` : itemType,
    keyed,
    nameElement: `<name>${escapeXml(text)}</name>`,
  }
}

// Paths below a property that is never set are not distinguished.
const unsetPath = (text: string, property: string): PropertyPath => ({
  text,
  property,
  steps: [],
  expression: 'anyType',
  keyed: text !== property,
  nameElement: `<name>${escapeXml(text)}</name>`,
})

/** Returns the value at the path; undefined if it, or anything on the path, is unset. */
export function readPath(object: SimulatedObject, path: PropertyPath): unknown {
  let value = object.get(path.property)
  for (const step of path.steps) {
    if (value === undefined || value === null) return undefined
    if ('field' in step) value = (value as Record<string, unknown>)[step.field]
    else value = (value as readonly unknown[]).find((item) => keyOf(item) === step.key)
  }
  return value ?? undefined
}

function keyOf(item: unknown): string {
  if (typeof item !== 'object' || item === null) return String(item)
  const { key, value } = item as { key?: unknown; value?: unknown }
  return String(key ?? value)
}

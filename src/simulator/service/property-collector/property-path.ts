// Property paths: `name`, `runtime.host`, `config.hardware.device[2000].backing`, `extraConfig["key"]`.

import { type Field, fieldsOf, isManagedObject, propertiesOf } from '../../../soap/vim-types.ts'
import { escapeXml } from '../../../soap/xml.ts'
import type { SimulatedObject } from '../../simulated-inventory.ts'
import { isAlwaysUnset } from './unset-properties.ts'

/** A step into a value: to a field of a data object, or to the element of an array that has the key. */
type Step = { readonly field: string } | { readonly key: string }

export interface PropertyPath {
  readonly text: string
  /** The top-level property that it goes through. */
  readonly property: string
  readonly steps: readonly Step[]
  /** The declared type of what it leads to, as soap/ writes it: `int`, `VirtualDevice*`. */
  readonly expression: string
  /** Whether it selects by key; there is no end of such paths. */
  readonly keyed: boolean
  /** The beginning of a DynamicProperty: `<name>...</name>`. */
  readonly nameElement: string
}

const segmentPattern = /([A-Za-z_]\w*)(?:\[(?:(-?\d{1,10})|"([^"]{1,200})")\])?(?:\.|$)/y

const compiled = new Map<string, PropertyPath | undefined>()

/** The path on a managed object type; undefined where the type has no such property. */
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
    // A field of each of an array's elements is no path; an element has to be chosen by its key.
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

// What is below a property that is never set is not told apart.
const unsetPath = (text: string, property: string): PropertyPath => ({
  text,
  property,
  steps: [],
  expression: 'anyType',
  keyed: text !== property,
  nameElement: `<name>${escapeXml(text)}</name>`,
})

/** The value at the path; undefined when it, or anything on the way, is unset. */
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

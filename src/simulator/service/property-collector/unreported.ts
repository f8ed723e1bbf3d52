// Properties whose changes a vCenter does not report: the API reference says so of each. A filter gets no update for them;
// their values are sent with the next update of the object.

import { isManagedSubtype } from '../../../soap/type-registry.ts'
import { isMissingSet } from './property-xml-cache.ts'

/** The properties, by the base type that has them; below another property, as the element in its value. */
const unreported: Readonly<Record<string, readonly string[]>> = {
  ManagedEntity: [
    'configStatus',
    'declaredAlarmState',
    'disabledMethod',
    'overallStatus',
    'recentTask',
    'triggeredAlarmState',
  ],
  VirtualMachine: [
    'layoutEx',
    'runtime.device',
    'runtime.maxCpuUsage',
    'runtime.maxMemoryUsage',
    'summary.quickStats',
    'summary.runtime.device',
    'summary.runtime.maxCpuUsage',
    'summary.runtime.maxMemoryUsage',
    'summary.storage',
  ],
  HostSystem: ['summary.quickStats'],
  ResourcePool: ['runtime', 'summary'],
}

const isBelow = (path: string, property: string): boolean =>
  path === property || path.startsWith(`${property}.`)

/** Whether the difference between two values of a property, as XML, is reported. */
export type DifferenceTest = (before: string, after: string) => boolean

const always: DifferenceTest = (before, after) => before !== after
const never: DifferenceTest = (before, after) =>
  // That access is granted or revoked is a change of another kind.
  before !== after && isMissingSet(before) !== isMissingSet(after)

const tests = new Map<string, DifferenceTest>()

/** Returns how changes of a property of objects of a type are detected. */
export function differenceTest(type: string, path: string): DifferenceTest {
  const key = `${type} ${path}`
  const test = tests.get(key) ?? createTest(type, path)
  tests.set(key, test)
  return test
}

function createTest(type: string, path: string): DifferenceTest {
  const properties = Object.entries(unreported)
    .filter(([base]) => isManagedSubtype(type, base))
    .flatMap(([, each]) => each)
  if (properties.some((property) => isBelow(path, property))) return never
  const parts = properties
    .filter((property) => isBelow(property, path))
    .map((property) => property.slice(property.lastIndexOf('.') + 1))
  if (parts.length === 0) return always
  const elements = new RegExp(`<(${parts.join('|')})(?: [^>]*)?>.*?</\\1>`, 'gs')
  return (before, after) =>
    before !== after && before.replaceAll(elements, '') !== after.replaceAll(elements, '')
}

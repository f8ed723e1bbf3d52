// Random combinations of filters, orders and pages of virtual machines. The response must equal a reference evaluation over the
// simulator's state, or be BAD_USER_INPUT.

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Random } from '../../src/simulator/random.ts'
import { type Machine, machineOf } from '../../src/simulator/virtual-machine/machine.ts'
import { takeSnapshot } from '../../src/simulator/virtual-machine/snapshots/snapshots.ts'
import type { ManagedObjectReference } from '../../src/soap/vim-types.ts'
import type { TestGateway } from '../test-gateway.ts'
import { expectNoViolations, randomOf, scaled, scaledTimeout, type Violations } from './cases.ts'
import { type AdversaryFixture, startFixture } from './fixture.ts'
import { errorsOf } from './read-oracle.ts'

const states = { POWERED_ON: 'poweredOn', POWERED_OFF: 'poweredOff', SUSPENDED: 'suspended' } as const
type State = keyof typeof states

interface Filter {
  name?: string | null
  powerState?: readonly State[] | null
  changeTrackingEnabled?: boolean | null
  hasSnapshots?: boolean | null
  template?: boolean | null
  datacenter?: string | null
}

type OrderField = 'NAME' | 'CPU_COUNT' | 'MEMORY' | 'POWER_STATE'
interface Order {
  field: OrderField
  direction?: 'ASC' | 'DESC'
}

let fixture: AdversaryFixture
let gateway: TestGateway
/** Global ids of datacenters by moid. */
let datacenters: ReadonlyMap<string, string>

beforeAll(async () => {
  fixture = await startFixture({ vms: 60 })
  const { inventory, objects } = fixture.simulator
  fixture.simulator.faults.pageSize = 13
  for (const [index, object] of [...objects.ofType('VirtualMachine')].entries()) {
    const machine = machineOf(object)
    // Inaccessible machines have unreadable properties, which this test does not cover.
    if (!machine.isAccessible) inventory.destroy(machine.ref)
    else if (index % 3 === 0 && !machine.template)
      takeSnapshot(machine, { name: 'a', description: '', memory: false, quiesced: false, at: new Date(0) })
  }
  for (const name of ['*', '[x]', 'ä%2fö', 'A b', 'zz\u{1f4be}', 'null', '__proto__']) inventory.add(name)
  gateway = fixture.gateway()
  const { data } = await gateway.execute('{ datacenters { nodes { id moid } } }')
  datacenters = new Map(data.datacenters.nodes.map(({ id, moid }: Record<string, string>) => [moid, id]))
})
afterAll(() => fixture.close())

const decodedName = ({ name }: Machine): string =>
  name.replaceAll('%2f', '/').replaceAll('%5c', '\\').replaceAll('%25', '%')

/** Converts a glob to a regular expression for text in lower case, independently of the gateway's implementation. */
function expression(glob: string): RegExp {
  const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/gu, '\\$&')
  const source = glob
    .toLowerCase()
    .replace(/\\([\s\S])|\[(!?)((?:\\.|[^\]\\])+)\]|([\s\S])/gu, (_, escaped, not, set, plain) => {
      if (escaped !== undefined) return literal(escaped)
      if (set !== undefined) return `[${not ? '^' : ''}${set.replace(/[[^]/g, '\\$&')}]`
      return plain === '*' ? '[\\s\\S]*' : plain === '?' ? '[\\s\\S]' : literal(plain)
    })
  return new RegExp(`^(?:${source})$`, 'u')
}

function datacenterOf({ folder }: Machine): string | undefined {
  let at: ManagedObjectReference | undefined = folder
  while (at && at.type !== 'Datacenter')
    at = fixture.simulator.objects.find(at)?.get('parent') as ManagedObjectReference | undefined
  return at && datacenters.get(at.value)
}

/** Returns the moids that a filter matches, in order. */
function referenceEvaluation(filter: Filter, { field, direction = 'ASC' }: Order): string[] {
  const { name, powerState, changeTrackingEnabled, hasSnapshots, template, datacenter } = filter
  const matches = <T>(requested: T | null | undefined, value: T) => requested == null || requested === value
  const keys: Record<OrderField, (machine: Machine) => string | number> = {
    NAME: (machine) => `${decodedName(machine).toLowerCase()}\0${decodedName(machine)}`,
    CPU_COUNT: ({ settings }) => settings.cpus,
    MEMORY: ({ settings }) => settings.memoryMB,
    POWER_STATE: (machine) => machine.powerState,
  }
  const key = keys[field]
  return [...fixture.simulator.objects.ofType('VirtualMachine')]
    .map(machineOf)
    .filter(
      (machine) =>
        (name == null || expression(name).test(decodedName(machine).toLowerCase())) &&
        (powerState == null || powerState.some((each) => states[each] === machine.powerState)) &&
        matches(changeTrackingEnabled, machine.settings.changeTrackingEnabled) &&
        matches(hasSnapshots, machine.rootSnapshots.length > 0) &&
        matches(template, machine.template) &&
        matches(datacenter, datacenterOf(machine)),
    )
    .map((machine) => ({ key: key(machine), moid: machine.ref.value }))
    .sort((a, b) => {
      if (a.key !== b.key) return (a.key < b.key ? -1 : 1) * (direction === 'ASC' ? 1 : -1)
      return a.moid < b.moid ? -1 : 1
    })
    .map(({ moid }) => moid)
}

const globs = [
  '*',
  '*-0?',
  '[a-m]*',
  '[!a-m]*',
  '*1*',
  '?*-*',
  'web-0[12]',
  '\\*',
  '\\[x\\]',
  '[*]',
  '*/*',
  '*%*',
  '',
  '**b*',
  '[a-zA-Z]*[0-9]',
  '*\u{1f4be}',
  'zz?',
  '__proto__',
  'null',
  'a/b',
]
const invalidGlobs = ['[', '[a', '*'.repeat(300), '[!', '[]']

const stateLists: readonly [null, ...(readonly State[])[]] = [
  null,
  [],
  ['POWERED_ON'],
  ['SUSPENDED', 'POWERED_OFF'],
  ['POWERED_OFF', 'POWERED_OFF'],
]

function randomFilter(random: Random): Filter {
  const filter: Filter = {}
  const boolean = (): boolean | null => random.pick([true, false, true, false, null])
  const chance = () => random.integer(3) === 0
  if (random.integer(2) === 0) filter.name = random.pick(globs as [string])
  if (chance()) filter.powerState = random.pick(stateLists)
  if (chance()) filter.changeTrackingEnabled = boolean()
  if (chance()) filter.hasSnapshots = boolean()
  if (chance()) filter.template = boolean()
  if (chance()) filter.datacenter = random.pick([...datacenters.values()] as [string])
  return filter
}

/** The same filter as an argument. */
const argumentOf = ({
  name,
  powerState,
  changeTrackingEnabled,
  hasSnapshots,
  template,
  datacenter,
}: Filter): Record<string, unknown> => ({
  ...(name !== undefined && { name: name === null ? null : { glob: name } }),
  ...(powerState !== undefined && { powerState: powerState && { in: powerState } }),
  ...(changeTrackingEnabled != null && { changeTracking: { enabled: { eq: changeTrackingEnabled } } }),
  ...(hasSnapshots != null && { snapshots: { [hasSnapshots ? 'some' : 'none']: {} } }),
  ...(template !== undefined && { template: template === null ? null : { eq: template } }),
  ...(datacenter !== undefined && { datacenter: datacenter === null ? null : { id: { eq: datacenter } } }),
})

const query = `query ($filter: VirtualMachineFilter, $orderBy: [VirtualMachineOrder!], $first: Int, $after: String, $last: Int, $before: String) {
  virtualMachines(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    totalCount nodes { moid } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`

async function checkCombination(name: string): Promise<Violations> {
  const random = randomOf(name)
  const filter = randomFilter(random)
  const orderBy: Order = {
    field: random.pick(['NAME', 'CPU_COUNT', 'MEMORY', 'POWER_STATE'] as const),
    direction: random.pick(['ASC', 'DESC'] as const),
  }
  const expected = referenceEvaluation(filter, orderBy)
  const isBackwards = random.integer(3) === 0
  const size = random.pick([1, 2, 7, 50, 1000] as const)
  const how = JSON.stringify({ filter, orderBy, isBackwards, size })
  const found: string[] = []
  let cursor: string | null = null
  const cursors: string[] = []
  for (let page = 0; page < 12; page += 1) {
    const window: Record<string, unknown> = isBackwards
      ? { last: size, before: cursor }
      : { first: size, after: cursor }
    const { data, errors } = await gateway.execute(query, { filter: argumentOf(filter), orderBy, ...window })
    if (errors) return [`${how}: ${errors.map(({ message }) => message).join(', ')}`]
    const { nodes, edges, pageInfo, totalCount } = data.virtualMachines
    const moids: string[] = nodes.map(({ moid }: { moid: string }) => moid)
    if (totalCount !== expected.length) return [`${how}: totalCount is ${totalCount}, not ${expected.length}`]
    if (isBackwards) found.unshift(...moids)
    else found.push(...moids)
    cursors.push(...edges.map((edge: { cursor: string }) => edge.cursor))
    cursor = isBackwards ? pageInfo.startCursor : pageInfo.endCursor
    if (!(isBackwards ? pageInfo.hasPreviousPage : pageInfo.hasNextPage)) break
    if (moids.length !== size) return [`${how}: a page of ${moids.length} in the middle`]
  }
  const expectedPages = isBackwards
    ? expected.slice(-found.length || expected.length)
    : expected.slice(0, found.length)
  const isComplete = found.length === expected.length || found.length === 12 * size
  const violations =
    isComplete && found.join() === expectedPages.join() ? [] : [`${how}: ${found}, not ${expectedPages}`]
  return [...violations, ...(await checkInvalidArgument(filter, orderBy, cursors, random))]
}

/** Sends the same request with one invalid argument, which must return BAD_USER_INPUT and no data. */
async function checkInvalidArgument(
  filter: Filter,
  orderBy: Order,
  cursors: readonly string[],
  random: Random,
): Promise<string[]> {
  const [cursor = 'x'] = cursors
  const at = random.integer(cursor.length)
  const otherField = orderBy.field === 'NAME' ? 'MEMORY' : 'NAME'
  const invalid = random.pick<Record<string, unknown>>([
    { filter: argumentOf({ ...filter, name: random.pick(invalidGlobs as [string]) }) },
    { filter: argumentOf({ ...filter, datacenter: 'nonsense' }) },
    { filter: { ...argumentOf(filter), path: { eq: null } } },
    { orderBy: [orderBy, orderBy] },
    { first: -1 },
    { first: 1, last: 1 },
    { first: 2_000_000 },
    { after: `${cursor.slice(0, at)}!${cursor.slice(at + 1)}` },
    { after: cursor.slice(0, at) },
    ...(cursors.length > 0
      ? [
          { after: cursor, orderBy: { field: otherField } },
          { after: cursor, filter: { ...argumentOf(filter), uuid: { ne: 'x' } } },
        ]
      : []),
  ] as unknown as [Record<string, unknown>])
  const variables = { filter: argumentOf(filter), orderBy, ...invalid }
  const response = await gateway.execute(query, variables)
  const codes = errorsOf(response).map(({ extensions }) => extensions.code)
  const isRejected = codes.length > 0 && codes.every((code) => code === 'BAD_USER_INPUT')
  return isRejected && !response.data?.virtualMachines
    ? []
    : [`${JSON.stringify(variables)}: ${codes.join(', ') || 'no error'}, not BAD_USER_INPUT`]
}

test(
  'returns what a reference evaluation finds for any filter, order and page of virtual machines',
  async () => {
    expect(referenceEvaluation({}, { field: 'NAME' }).length).toBeGreaterThan(60)
    const cases = Array.from({ length: scaled(40) }, (_, number) => ({ name: `combination ${number}` }))
    await expectNoViolations(cases, 4, ({ name }) => checkCombination(name))
  },
  scaledTimeout(300_000),
)

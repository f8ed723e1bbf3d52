// Tests every numeric field of the schema with what a vCenter may return: nothing, -1, a number above 32
// bits and the largest long. The field is then null, the number, or an error of its own, but never NaN, a
// negative size or an internal error.

import { type GraphQLObjectType, getNamedType, isObjectType } from 'graphql'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { buildSchema } from '../../../src/schema/schema.ts'
import { createSimulator } from '../../../src/simulator/index.ts'
import { startGateway } from '../../test-gateway.ts'
import { rewriting } from '../../vim25/connect.ts'

const given = ['', '-1', '2147483648', '9223372036854775807'] as const
type Outcome = number | null | 'fault'
type Outcomes = readonly [unset: Outcome, minusOne: Outcome, above32Bits: Outcome, largestLong: Outcome]

const MiB = 1_048_576
const int: Outcomes = [null, null, 'fault', 'fault']
const longAsInt: Outcomes = [null, null, 'fault', null]
const bytes: Outcomes = [null, null, 2_147_483_648, null]
const mebibytes: Outcomes = [null, null, 2_147_483_648 * MiB, null]
/** A number of MB that vim25 declares as an int. */
const intMebibytes: Outcomes = [null, null, 2_147_483_648 * MiB, 'fault']

/** The value of a property, or of an element within one. */
const property = (path: string) => (text: string, value: string) =>
  text.replace(
    new RegExp(
      `<propSet><name>${path.replaceAll('.', '\\.')}</name><val xsi:type="([^"]+)">[^<]*</val></propSet>`,
      'g',
    ),
    (_, type) =>
      value === '' ? '' : `<propSet><name>${path}</name><val xsi:type="${type}">${value}</val></propSet>`,
  )
const element = (name: string, within: RegExp) => (text: string, value: string) =>
  text.replace(within, (part) =>
    part.replaceAll(
      new RegExp(`<${name}>[^<]*</${name}>`, 'g'),
      value === '' ? '' : `<${name}>${value}</${name}>`,
    ),
  )

const disks = /<VirtualDevice xsi:type="VirtualDisk">.*?<\/VirtualDevice>/gs
const cards = /<VirtualDevice xsi:type="Virtual(?:Vmxnet|E1000|PCNet)\w*">.*?<\/VirtualDevice>/gs
const controllers = /<VirtualDevice xsi:type="\w*Controller">.*?<\/VirtualDevice>/gs
const roots = {
  VirtualMachine: (selection: string) => `{ virtualMachines { nodes { name ${selection} } } }`,
  HostSystem: (selection: string) => `{ hosts { nodes { name ${selection} } } }`,
  CustomAttribute: (selection: string) =>
    `{ virtualMachines { nodes { name customAttributes { ${selection} } } } }`,
  CustomAttributeDefinition: (selection: string) =>
    `{ vcenters { name customAttributeDefinitions { ${selection} } } }`,
  ComputeResource: (selection: string) => `{ computeResources { nodes { name ${selection} } } }`,
  ResourcePool: (selection: string) => `{ resourcePools { nodes { name ${selection} } } }`,
  Datastore: (selection: string) => `{ datastores { nodes { name ${selection} } } }`,
  StoragePod: (selection: string) => `{ datastoreClusters { nodes { name ${selection} } } }`,
  Network: (selection: string) => `{ networks { nodes { name ${selection} } } }`,
  DistributedVirtualSwitch: (selection: string) => `{ distributedSwitches { nodes { name ${selection} } } }`,
} as const
const disk = (selection: string) => roots.VirtualMachine(`disks { label ${selection} }`)
const fileSystems = (selection: string) => roots.VirtualMachine(`guest { fileSystems { path ${selection} } }`)
const snapshot = (selection: string) => roots.VirtualMachine(`snapshots { name ${selection} }`)
const eventsQuery = (selection: string) => `{ events(first: 1) { nodes { ${selection} } } }`
const anEvent = /<Event xsi:type=.*?<\/Event>/gs
const storage = (selection: string) => roots.VirtualMachine(`storage { ${selection} }`)

interface Row {
  readonly query: string
  readonly rewrite: (text: string, value: string) => string
  readonly outcomes: Outcomes
}

const row = (query: string, rewrite: Row['rewrite'], outcomes: Outcomes): Row => ({
  query,
  rewrite,
  outcomes,
})
/** `fallback` is the path that is read when the other one is unset. */
const of = (
  type: keyof typeof roots,
  field: string,
  path: string,
  outcomes: Outcomes,
  fallback = path,
): [string, Row] => [
  `${type}.${field}`,
  row(roots[type](field), (text, value) => property(path)(property(fallback)(text, value), value), outcomes),
]

/** A field that is computed from several paths, all of which have the value. */
const computed = (
  type: keyof typeof roots,
  field: string,
  paths: readonly string[],
  outcomes: Outcomes,
): [string, Row] => [
  `${type}.${field}`,
  row(
    roots[type](field),
    (text, value) => paths.reduce((result, path) => property(path)(result, value), text),
    outcomes,
  ),
]

/** A number in a ResourceAllocation. */
const allocation = (field: string, outcomes: Outcomes): [string, Row] => [
  `ResourceAllocation.${field}`,
  row(
    roots.VirtualMachine(`memoryAllocation { ${field} }`),
    element(field, /<propSet><name>config\.memoryAllocation<\/name>.*?<\/propSet>/gs),
    outcomes,
  ),
]

/** A number of the summary of clusters, which is read at its path and within the whole summary. */
const clusterNumber = (field: string, selection: string, name: string, outcomes: Outcomes): [string, Row] => [
  `${selection === field ? 'ComputeResource' : 'ClusterUsage'}.${field}`,
  row(
    `{ computeResources(filter: { isCluster: { eq: true } }) { nodes { name ${selection} } } }`,
    (text, value) =>
      element(name, /<propSet><name>summary(?:Ex[.\w]*)?<\/name>.*?<\/propSet>/gs)(
        property(`summaryEx.${name}`)(text, value),
        value,
      ),
    outcomes,
  ),
]

const table: ReadonlyMap<string, Row> = new Map([
  of('VirtualMachine', 'cpuCount', 'config.hardware.numCPU', int, 'summary.config.numCpu'),
  [
    'VirtualMachineGroupKey.cpuCount',
    row(
      '{ virtualMachines { groups(by: [CPU_COUNT]) { key { cpuCount } } } }',
      (text, value) =>
        property('config.hardware.numCPU')(property('summary.config.numCpu')(text, value), value),
      int,
    ),
  ],
  of('VirtualMachine', 'memory', 'config.hardware.memoryMB', intMebibytes, 'summary.config.memorySizeMB'),
  of('VirtualMachine', 'coresPerSocket', 'config.hardware.numCoresPerSocket', int),
  of('VirtualMachine', 'diskCount', 'summary.config.numVirtualDisks', int),
  of('VirtualMachine', 'networkAdapterCount', 'summary.config.numEthernetCards', int),
  of('VirtualMachine', 'uptime', 'summary.quickStats.uptimeSeconds', int),
  of('VirtualMachine', 'cpuUsage', 'summary.quickStats.overallCpuUsage', int),
  of('VirtualMachine', 'cpuDemand', 'summary.quickStats.overallCpuDemand', int),
  of('VirtualMachine', 'cpuReadiness', 'summary.quickStats.overallCpuReadiness', int),
  of('VirtualMachine', 'maxCpuUsage', 'runtime.maxCpuUsage', int),
  of('VirtualMachine', 'balloonedMemory', 'summary.quickStats.balloonedMemory', intMebibytes),
  of('VirtualMachine', 'swappedMemory', 'summary.quickStats.swappedMemory', intMebibytes),
  of('VirtualMachine', 'compressedMemory', 'summary.quickStats.compressedMemory', [
    null,
    null,
    2_147_483_648 * 1024,
    null,
  ]),
  allocation('reservation', mebibytes),
  allocation('limit', mebibytes),
  allocation('shares', int),
  of('VirtualMachine', 'memoryUsage', 'summary.quickStats.hostMemoryUsage', intMebibytes),
  of('VirtualMachine', 'activeMemory', 'summary.quickStats.guestMemoryUsage', intMebibytes),
  [
    'VirtualMachineStorage.committed',
    row(storage('committed'), property('summary.storage.committed'), bytes),
  ],
  [
    'VirtualMachineStorage.uncommitted',
    row(storage('uncommitted'), property('summary.storage.uncommitted'), bytes),
  ],
  ['VirtualMachineStorage.unshared', row(storage('unshared'), property('summary.storage.unshared'), bytes)],
  ['VirtualDisk.key', row(disk('key'), element('key', disks), ['fault', -1, 'fault', 'fault'])],
  [
    'NetworkAdapter.key',
    row(roots.VirtualMachine('networkAdapters { label key }'), element('key', cards), [
      'fault',
      -1,
      'fault',
      'fault',
    ]),
  ],
  [
    'CustomAttribute.key',
    row(roots.CustomAttribute('key'), element('key', /<propSet><name>customValue<\/name>.*?<\/propSet>/gs), [
      'fault',
      -1,
      'fault',
      'fault',
    ]),
  ],
  [
    'CustomAttributeDefinition.key',
    row(
      roots.CustomAttributeDefinition('key'),
      element('key', /<propSet><name>field<\/name>.*?<\/propSet>/gs),
      ['fault', -1, 'fault', 'fault'],
    ),
  ],
  [
    'VirtualDisk.capacity',
    row(
      disk('capacity'),
      (text, value) => element('capacityInKB', disks)(element('capacityInBytes', disks)(text, value), ''),
      bytes,
    ),
  ],
  ['VirtualDisk.unitNumber', row(disk('unitNumber'), element('unitNumber', disks), int)],
  [
    'DiskController.key',
    row(
      disk('controller { key }'),
      (text, value) => element('controllerKey', disks)(element('key', controllers)(text, value), value),
      [null, -1, 'fault', 'fault'],
    ),
  ],
  [
    'DiskController.busNumber',
    row(disk('controller { busNumber }'), element('busNumber', controllers), ['fault', -1, 'fault', 'fault']),
  ],
  [
    'GuestFileSystem.capacity',
    row(fileSystems('capacity'), element('capacity', /<GuestDiskInfo.*<\/GuestDiskInfo>/gs), bytes),
  ],
  [
    'GuestFileSystem.freeSpace',
    row(fileSystems('freeSpace'), element('freeSpace', /<GuestDiskInfo.*<\/GuestDiskInfo>/gs), bytes),
  ],
  [
    'GuestFileSystem.freePercent',
    row(
      fileSystems('freePercent'),
      (text, value) =>
        ['capacity', 'freeSpace'].reduce(
          (result, name) => element(name, /<GuestDiskInfo.*<\/GuestDiskInfo>/gs)(result, value),
          text,
        ),
      [null, null, 100, null],
    ),
  ],
  [
    'GuestIpAddress.prefixLength',
    row(
      roots.VirtualMachine('guest { networkInterfaces { addresses { prefixLength } } }'),
      element('prefixLength', /<GuestNicInfo.*<\/GuestNicInfo>/gs),
      ['fault', -1, 'fault', 'fault'],
    ),
  ],
  ['VirtualDisk.controllerKey', row(disk('controllerKey'), element('controllerKey', disks), int)],
  [
    'DiskFile.size',
    row(disk('files { size }'), element('size', /<file>.*?<\/file>/gs), [
      'fault',
      'fault',
      2_147_483_648,
      'fault',
    ]),
  ],
  [
    'Snapshot.number',
    row(snapshot('number'), element('id', /<(root|child)SnapshotList>.*/gs), [0, -1, 'fault', 'fault']),
  ],
  [
    'Snapshot.size',
    row(
      roots.VirtualMachine('currentSnapshot { size }'),
      (text, value) => element('size', /<file>.*?<\/file>/gs)(text, value === '2147483648' ? '0' : value),
      [null, null, 0, null],
    ),
  ],
  of('HostSystem', 'cpuMhz', 'summary.hardware.cpuMhz', int),
  of('HostSystem', 'cpuPackages', 'summary.hardware.numCpuPkgs', int),
  of('HostSystem', 'cpuCores', 'summary.hardware.numCpuCores', int),
  of('HostSystem', 'cpuThreads', 'summary.hardware.numCpuThreads', int),
  of('HostSystem', 'memory', 'summary.hardware.memorySize', bytes),
  of('HostSystem', 'cpuUsage', 'summary.quickStats.overallCpuUsage', int),
  of('HostSystem', 'memoryUsage', 'summary.quickStats.overallMemoryUsage', intMebibytes),
  of('HostSystem', 'uptime', 'summary.quickStats.uptime', int),
  of('HostSystem', 'totalCpu', 'summary.hardware.cpuMhz', int),
  of('HostSystem', 'cpuUsagePercent', 'summary.quickStats.overallCpuUsage', int),
  computed(
    'HostSystem',
    'memoryUsagePercent',
    ['summary.hardware.memorySize', 'summary.quickStats.overallMemoryUsage'],
    [null, null, 100 * MiB, 'fault'],
  ),
  of('ComputeResource', 'totalCpu', 'summary.totalCpu', int),
  of('ComputeResource', 'totalMemory', 'summary.totalMemory', bytes),
  of('ComputeResource', 'cpuCores', 'summary.numCpuCores', int),
  of('ComputeResource', 'cpuThreads', 'summary.numCpuThreads', int),
  of('ComputeResource', 'effectiveCpu', 'summary.effectiveCpu', int),
  of('ComputeResource', 'effectiveMemory', 'summary.effectiveMemory', mebibytes),
  of('ComputeResource', 'hostCount', 'summary.numHosts', int),
  of('ComputeResource', 'effectiveHostCount', 'summary.numEffectiveHosts', int),
  of('ResourcePool', 'cpuUsage', 'summary.quickStats.overallCpuUsage', longAsInt, 'runtime.cpu.overallUsage'),
  [
    'ResourcePool.memoryUsage',
    row(
      roots.ResourcePool('memoryUsage'),
      (text, value) =>
        property('summary.quickStats.hostMemoryUsage')(
          property('runtime.memory.overallUsage')(text, value),
          value,
        ),
      mebibytes,
    ),
  ],
  of('ResourcePool', 'maxCpuUsage', 'runtime.cpu.maxUsage', longAsInt),
  of('ResourcePool', 'maxMemoryUsage', 'runtime.memory.maxUsage', bytes),
  [
    'PhysicalNic.speedMb',
    row(
      roots.HostSystem('physicalNics { speedMb }'),
      element('speedMb', /<linkSpeed>.*?<\/linkSpeed>/gs),
      int,
    ),
  ],
  [
    'VmkernelAdapter.mtu',
    row(
      roots.HostSystem('vmkernelAdapters { mtu }'),
      element('mtu', /<HostVirtualNic .*?<\/HostVirtualNic>/gs),
      int,
    ),
  ],
  [
    'StandardPortgroup.vlanId',
    row(
      roots.HostSystem('standardPortgroups { vlanId }'),
      element('vlanId', /<HostPortGroup .*?<\/HostPortGroup>/gs),
      ['fault', -1, 'fault', 'fault'],
    ),
  ],
  clusterNumber('drsScore', 'drsScore', 'drsScore', int),
  clusterNumber('cpuCapacity', 'usage { cpuCapacity }', 'totalCpuCapacityMhz', int),
  clusterNumber('cpuDemand', 'usage { cpuDemand }', 'cpuDemandMhz', int),
  clusterNumber('cpuReservation', 'usage { cpuReservation }', 'cpuReservationMhz', int),
  clusterNumber('memoryCapacity', 'usage { memoryCapacity }', 'totalMemCapacityMB', intMebibytes),
  clusterNumber('memoryDemand', 'usage { memoryDemand }', 'memDemandMB', intMebibytes),
  clusterNumber('memoryReservation', 'usage { memoryReservation }', 'memReservationMB', intMebibytes),
  of('Network', 'portCount', 'config.numPorts', int),
  [
    'Vlan.vlanId',
    row(
      roots.Network('vlan { kind vlanId }'),
      (text, value) =>
        element('pvlanId', /<vlan .*?<\/vlan>/gs)(
          element('vlanId', /<vlan xsi:type="VmwareDistributedVirtualSwitchVlanIdSpec">.*?<\/vlan>/gs)(
            text,
            value,
          ),
          value,
        ),
      int,
    ),
  ],
  of('DistributedVirtualSwitch', 'portCount', 'summary.numPorts', int),
  of('StoragePod', 'capacity', 'summary.capacity', bytes),
  of('StoragePod', 'freeSpace', 'summary.freeSpace', bytes),
  computed('StoragePod', 'freePercent', ['summary.capacity', 'summary.freeSpace'], [null, null, 100, null]),
  of('Datastore', 'capacity', 'summary.capacity', bytes),
  of('Datastore', 'freeSpace', 'summary.freeSpace', bytes),
  of('Datastore', 'uncommitted', 'summary.uncommitted', bytes),
  computed('Datastore', 'usedSpace', ['summary.capacity', 'summary.freeSpace'], [null, null, 0, null]),
  computed(
    'Datastore',
    'provisionedSpace',
    ['summary.capacity', 'summary.freeSpace', 'summary.uncommitted'],
    bytes,
  ),
  computed('Datastore', 'freePercent', ['summary.capacity', 'summary.freeSpace'], [null, null, 100, null]),
  [
    'GuestNetworkInterface.deviceKey',
    row(
      roots.VirtualMachine('guest { networkInterfaces { deviceKey } }'),
      element('deviceConfigId', /<GuestNicInfo.*<\/GuestNicInfo>/gs),
      int,
    ),
  ],
  [
    'Task.progress',
    row(
      'mutation { createSnapshot(input: { virtualMachine: { name: "web-02" }, name: "n", waitSeconds: 0 }) { task { progress } } }',
      (text, value) =>
        text
          .replaceAll(/<progress>[^<]*<\/progress>/g, '')
          .replaceAll('<cancelable>', `${value === '' ? '' : `<progress>${value}</progress>`}$&`),
      [null, null, 'fault', 'fault'],
    ),
  ],
  ['Event.key', row(eventsQuery('key'), element('key', anEvent), ['fault', -1, 'fault', 'fault'])],
  ['Event.chainId', row(eventsQuery('chainId'), element('chainId', anEvent), [0, -1, 'fault', 'fault'])],
  [
    'Task.chainId',
    row(
      'mutation { createSnapshot(input: { virtualMachine: { name: "web-02" }, name: "n", waitSeconds: 0 }) { task { chainId } } }',
      element('eventChainId', /<val xsi:type="TaskInfo">.*?<\/val>/gs),
      int,
    ),
  ],
])

/** Values that the gateway computes itself, from parts that it has checked. */
const counted =
  /Connection\.totalCount$|^ChangedArea|^Snapshot\.(depth|ageSeconds)$|^DiskFile\.level$|^Coverage\.undecidedCount$|^(Number|Percent)Stats\.|(Aggregate|Group)\.count$/

const numericFields = Object.values(buildSchema().getTypeMap())
  .filter((type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'))
  .flatMap((type) =>
    Object.values(type.getFields())
      .filter((field) => ['Int', 'BigInt', 'Float'].includes(getNamedType(field.type).name))
      .map((field) => `${type.name}.${field.name}`),
  )

test('the table contains every numeric field', () => {
  expect(numericFields.filter((field) => !counted.test(field)).sort()).toEqual([...table.keys()].sort())
})

function* valuesOf(data: unknown, name: string): Generator<unknown> {
  if (typeof data !== 'object' || data === null) return
  for (const [key, value] of Object.entries(data)) {
    if (key === name && (typeof value !== 'object' || value === null)) yield value
    else yield* valuesOf(value, name)
  }
}

/** The simulator of the queries; a mutation has its own. */
const simulator = createSimulator()
afterAll(() => simulator.close())

/** Executes an operation through a gateway whose vCenter responses are rewritten. */
async function execute(query: string, rewrite: (text: string) => string, isAlwaysRewritten = true) {
  let hits = 0
  const gateway = startGateway({
    ...(query.startsWith('mutation') ? { tasks: { queuedMs: 0, durationMs: 600_000 } } : { simulator }),
    wrap: rewriting((text) => {
      const rewritten = rewrite(text)
      if (rewritten !== text) hits += 1
      return rewritten
    }),
  })
  onTestFinished(() => gateway.close())
  const result = await gateway.execute(query)
  // The simulator itself omits some numbers, and has limits of -1.
  if (isAlwaysRewritten) expect(hits).toBeGreaterThan(0)
  return result
}

describe.each([...table])('%s', (field, { query, rewrite, outcomes }) => {
  const name = field.slice(field.indexOf('.') + 1)

  test.each(given.map((value, index) => [value === '' ? 'unset' : value, value, outcomes[index]] as const))(
    'with the value %s',
    async (_, value, outcome) => {
      const { data, errors = [] } = await execute(
        query,
        (text) => rewrite(text, value),
        !['', '-1'].includes(value),
      )
      for (const { extensions, message } of errors) {
        // A task that cannot be read has an unknown outcome.
        expect(extensions.code).toBe(extensions.task ? 'OUTCOME_UNKNOWN' : 'VSPHERE_FAULT')
        expect(message).not.toMatch(/NaN|undefined/)
      }
      const values = new Set(valuesOf(data, name))
      if (outcome === 'fault') {
        expect(errors.length).toBeGreaterThan(0)
        expect([...values].filter((each) => each !== null)).toEqual([])
      } else {
        expect(errors).toEqual([])
        values.delete(null)
        expect([...values]).toEqual(outcome === null ? [] : [outcome])
      }
    },
  )
})

describe.each(['cpuAllocation', 'memoryAllocation'] as const)('the limit of %s', (name) => {
  const query = `{ resourcePools { nodes { ${name} { limit unlimited } } } virtualMachines { nodes { ${name} { limit unlimited } } } }`
  const unit = name === 'memoryAllocation' ? BigInt(MiB) : 1n
  const limitsWith = async (limit: string) => {
    const { data, errors } = await execute(
      query,
      (text) => text.replaceAll(/<limit>[^<]*<\/limit>/g, limit === '' ? '' : `<limit>${limit}</limit>`),
      false,
    )
    const limits = [...data.resourcePools.nodes, ...data.virtualMachines.nodes].flatMap(
      (node) => node[name] ?? [],
    )
    expect(limits.length).toBeGreaterThan(15)
    return { errors, distinct: [...new Set(limits.map((each) => JSON.stringify(each)))] }
  }

  test.each(['-1', '4294967295', '9223372036854775807'])(
    'is null, and unlimited is true, when vSphere has %s',
    async (limit) => {
      expect(await limitsWith(limit)).toEqual({
        errors: undefined,
        distinct: ['{"limit":null,"unlimited":true}'],
      })
    },
  )

  test('is unknown when vSphere leaves it out', async () => {
    expect(await limitsWith('')).toEqual({
      errors: undefined,
      distinct: ['{"limit":null,"unlimited":null}'],
    })
  })

  test.each(['0', '2147483648', String(2n ** 33n - 1n)])(
    'is returned exactly when it is %s',
    async (limit) => {
      expect(await limitsWith(limit)).toEqual({
        errors: undefined,
        distinct: [`{"limit":${BigInt(limit) * unit},"unlimited":false}`],
      })
    },
  )

  test.each([2n ** 53n, 2n ** 62n, 2n ** 63n - 2n])(
    'is null with an error when it is %s, and does not wrap around',
    async (limit) => {
      const { errors, distinct } = await limitsWith(String(limit))
      expect(distinct).toEqual(['{"limit":null,"unlimited":false}'])
      expect(errors?.[0]).toMatchObject({
        message: expect.stringContaining('too large for an exact number'),
        extensions: { code: 'VSPHERE_FAULT' },
      })
    },
  )
})

test('sorts virtual machines with unknown memory last in the order by memory', async () => {
  const query = '{ virtualMachines(orderBy: { field: MEMORY, direction: ASC }) { nodes { memory } } }'
  const { data } = await execute(query, (text) =>
    text.replace(/(<name>config\.hardware\.memoryMB<\/name><val xsi:type="xsd:int">)\d+/, '$1-1'),
  )
  expect(data.virtualMachines.nodes.at(-1)).toEqual({ memory: null })
})

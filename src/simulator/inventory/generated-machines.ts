// As many more machines as are asked for: clusters of eight hosts, folders of a hundred, a datastore for every two hundred and fifty.

import { createRandom } from '../random.ts'
import type { Site } from '../site.ts'
import type { Machine } from '../virtual-machine/machine.ts'
import { takeSnapshot } from '../virtual-machine/snapshots.ts'
import type { SimulatedObject } from '../world.ts'
import { createMachine, dayMs, GiB } from './create-machine.ts'
import { createDatastore } from './datastores.ts'
import { hostAt, type Places } from './geography.ts'
import { type Compute, createCluster, createFolder } from './places.ts'

const perCluster = 500
const perDatastore = 250
const perFolder = 100

const diskSizes = [16 * GiB, 40 * GiB, 40 * GiB, 80 * GiB, 120 * GiB, 500 * GiB] as const
const systems = ['ubuntu', 'ubuntu', 'redHat', 'windowsServer', 'oracle'] as const
const memorySizes = [2048, 4096, 8192, 16_384] as const

export function createGeneratedMachines(site: Site, places: Places, count: number): Machine[] {
  if (count <= 0) return []
  const { frankfurt, frankfurtNetwork: network } = places
  const two = (number: number): string => String(number + 1).padStart(2, '0')
  const upTo = <T>(length: number, create: (index: number) => T): T[] =>
    Array.from({ length: Math.ceil(length) }, (_, index) => create(index))

  const clusters = upTo(count / perCluster, (index) =>
    createCluster(
      site,
      frankfurt,
      `fra-scale-${two(index)}`,
      upTo(8, (host) => `esx-scale-${two(index)}-${two(host)}.example.com`),
    ),
  )
  const storages = upTo(count / perDatastore, (index) =>
    createDatastore(
      site,
      frankfurt,
      { name: `vmfs-scale-${two(index)}`, type: 'VMFS', capacity: 64 * 1024 * GiB },
      clusters,
    ),
  )
  const scale = createFolder(site, 'v', 'Scale', frankfurt.vmFolder)
  const folders = upTo(count / perFolder, (index) => createFolder(site, 'v', `rack-${two(index)}`, scale))

  return Array.from({ length: count }, (_, index) => {
    const cluster = clusters[Math.floor(index / perCluster)] as Compute
    return createGeneratedMachine(site, index, {
      folder: folders[Math.floor(index / perFolder)] as SimulatedObject,
      host: hostAt(cluster, index),
      pool: cluster.pool,
      storage: storages[Math.floor(index / perDatastore)] ?? places.fastStorage,
      network,
    })
  })
}

function createGeneratedMachine(site: Site, index: number, place: Places['web']): Machine {
  const random = createRandom(site.seed, 'generated', index)
  const disks = Array.from({ length: 1 + (random.integer(4) === 0 ? 1 + random.integer(3) : 0) }, () => ({
    capacity: random.pick(diskSizes),
  }))
  const machine = createMachine(site, {
    ...place,
    name: `vm-${String(index + 1).padStart(5, '0')}`,
    system: random.pick(systems),
    cpus: 1 << random.integer(4),
    memoryMB: random.pick(memorySizes),
    disks,
    powerState: random.integer(5) === 0 ? 'poweredOff' : 'poweredOn',
    changeTracking: random.integer(2) === 0 ? 'active' : 'off',
  })
  if (random.integer(10) === 0) {
    const at = new Date(site.origin - (1 + random.integer(20)) * dayMs)
    // No history is made up for these: nothing was written before the snapshot or since.
    takeSnapshot(machine, { name: 'before-update', description: '', memory: false, quiesced: false, at })
    machine.measuredAt = new Date(site.origin)
  }
  return machine
}

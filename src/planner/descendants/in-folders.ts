// The edges from a datacenter or a folder to the objects in it at any depth. From a folder they also lead into the datacenters
// in it, and datastore clusters are folders too.

import type { ManagedObjectType } from '../../soap/vim-types.ts'
import { descendants, type Step, type Traversal } from '../traversals.ts'
import { vAppContents, vAppStart, vAppSteps } from './in-pools.ts'

type CollectedPaths = NonNullable<Traversal['collectsOnPath']>

/** How objects of a type are reached from the folders that contain them. */
interface Below {
  /** The first steps from an object in a folder, in addition to the step into a subfolder. */
  readonly start: readonly string[]
  readonly steps: Readonly<Record<string, Step>>
  readonly collects: CollectedPaths
  /** Whether a folder can contain the objects themselves. */
  readonly inFolders: boolean
}

const inFoldersOnly: Below = { start: [], steps: {}, collects: {}, inFolders: true }

const throughVApps: Below = { start: vAppStart, steps: vAppSteps, collects: vAppContents, inFolders: true }

/** Hosts are reached through their cluster or standalone ComputeResource. */
const throughComputeResources: Below = {
  start: ['host'],
  steps: { host: { type: 'ComputeResource', path: 'host', isTarget: true } },
  collects: { ComputeResource: ['host'] },
  inFolders: false,
}

const step = (
  type: ManagedObjectType,
  path: string,
  next: readonly string[],
  isTarget: boolean,
): Readonly<Record<string, Step>> => ({ [path]: { type, path, next, ...(isTarget && { isTarget }) } })

/** From a datacenter down through one of its four folders and all subfolders. */
const fromDatacenter = <T extends ManagedObjectType>(
  folder: string,
  to: T,
  { start, steps, collects, inFolders }: Below = inFoldersOnly,
): Traversal<T> =>
  descendants(
    'Datacenter',
    [folder],
    to,
    {
      ...step('Datacenter', folder, ['childEntity'], false),
      ...step('Folder', 'childEntity', ['childEntity', ...start], inFolders),
      ...steps,
    },
    { Folder: ['childEntity'], ...collects },
  )

export const datacenterVirtualMachines = fromDatacenter('vmFolder', 'VirtualMachine', throughVApps)
export const datacenterComputeResources = fromDatacenter('hostFolder', 'ComputeResource')
export const datacenterHosts = fromDatacenter('hostFolder', 'HostSystem', throughComputeResources)
export const datacenterDatastores = fromDatacenter('datastoreFolder', 'Datastore')
export const datacenterPods = fromDatacenter('datastoreFolder', 'StoragePod')
export const datacenterNetworks = fromDatacenter('networkFolder', 'Network')
export const datacenterSwitches = fromDatacenter('networkFolder', 'DistributedVirtualSwitch')

/**
 * From a folder down through all subfolders, and through the datacenters in them.
 * @param folders the folders of a datacenter that lead to the objects.
 */
const fromFolder = <T extends ManagedObjectType>(
  folders: readonly string[],
  to: T,
  { start, steps, collects, inFolders }: Below = inFoldersOnly,
): Traversal<T> =>
  descendants(
    'Folder',
    ['childEntity'],
    to,
    {
      ...step('Folder', 'childEntity', ['childEntity', ...folders, ...start], inFolders),
      ...Object.assign(
        {},
        ...folders.map((path) => step('Datacenter', path, ['childEntity'], to === 'Folder')),
      ),
      ...steps,
    },
    { Folder: ['childEntity'], ...(folders.length > 0 && { Datacenter: folders }), ...collects },
  )

export const folderDescendantDatacenters = fromFolder([], 'Datacenter')
export const folderDescendantFolders = fromFolder(
  ['vmFolder', 'hostFolder', 'datastoreFolder', 'networkFolder'],
  'Folder',
)
export const folderDescendantVirtualMachines = fromFolder(['vmFolder'], 'VirtualMachine', throughVApps)
export const folderDescendantComputeResources = fromFolder(['hostFolder'], 'ComputeResource')
export const folderDescendantDatastores = fromFolder(['datastoreFolder'], 'Datastore')
export const folderDescendantPods = fromFolder(['datastoreFolder'], 'StoragePod')
export const folderDescendantNetworks = fromFolder(['networkFolder'], 'Network')
export const folderDescendantSwitches = fromFolder(['networkFolder'], 'DistributedVirtualSwitch')

// The description of a generation, generation.json: what is stored of each disk, and what it is based on. Everything in it is checked
// when it is read, since it becomes names and sizes of files.

import { formatChecked, parseChecked } from './checked-json.ts'

export interface StoredDisk {
  readonly key: number
  readonly label: string
  /** UUID of the virtual disk; null if vSphere reports none. */
  readonly uuid: string | null
  /** In bytes. */
  readonly capacity: number
  /** For the next capture. It belongs to exactly this data. */
  readonly token: string
  /** FULL: everything in use. CHANGES: what changed since the previous generation. */
  readonly basis: 'CHANGES' | 'FULL'
  readonly fullReason: string | null
  /** Of its files: `<name>.data` and `<name>.index`. */
  readonly name: string
  /** Of the data file, in bytes. */
  readonly bytes: number
  /** Of the index, which has those of the data. */
  readonly sha256: string
}

/** Identifies a generation. A number alone does not: a folder can be moved away, and another one be put in its place. */
export interface GenerationRef {
  readonly id: string
  readonly uuid: string
}

export interface Generation extends GenerationRef {
  /** Its number, with leading zeros; also the name of its folder. */
  readonly id: string
  /** Random. Retention keeps it, since the data of the disks stays the same. */
  readonly uuid: string
  readonly startedAt: string
  /** The name of the virtual machine at the time of the backup. */
  readonly machine: string
  /** Identifies the virtual machine. Absent in generations of earlier versions of this program; null if vSphere reports none. */
  readonly instanceUuid?: string | null
  /** The generation that the changes are based on; null for the first one. */
  readonly previous: GenerationRef | null
  /** Global id of the snapshot, which is removed after the backup. */
  readonly snapshot: string
  readonly disks: readonly StoredDisk[]
  /** Why disks of the virtual machine are not in it. */
  readonly leftOut: readonly string[]
}

export const refOf = ({ id, uuid }: GenerationRef): GenerationRef => ({ id, uuid })

export const isSame = (one: GenerationRef | null, other: GenerationRef | null): boolean =>
  one?.id === other?.id && one?.uuid === other?.uuid

export const formatGeneration = (generation: Generation): string => formatChecked(generation)

/** @returns undefined if it is not the undamaged description of the generation with this id */
export const parseGeneration = (id: string, text: string): Generation | undefined =>
  parseChecked<Generation>(text, (generation) => generation.id === id && isGeneration(generation))

type Values<T> = { readonly [Name in keyof T]?: unknown }

function isGeneration(value: Values<Generation>): value is Generation {
  const { disks, leftOut } = value
  return (
    isRef(value) &&
    [value.startedAt, value.machine, value.snapshot].every(isString) &&
    (value.instanceUuid == null || isString(value.instanceUuid)) &&
    (value.previous === null || isRef(value.previous as Values<GenerationRef>)) &&
    Array.isArray(leftOut) &&
    leftOut.every(isString) &&
    Array.isArray(disks) &&
    disks.every(isDisk) &&
    new Set(disks.map(({ key }) => key)).size === disks.length
  )
}

const isRef = ({ id, uuid }: Values<GenerationRef>): boolean =>
  isString(id) && /^\d{6}$/.test(id) && isString(uuid) && /^[0-9a-f-]{36}$/.test(uuid)

const isDisk = (disk: Values<StoredDisk>): disk is StoredDisk =>
  [disk.key, disk.capacity, disk.bytes].every(isSize) &&
  [disk.label, disk.token].every(isString) &&
  [disk.uuid, disk.fullReason].every((value) => value === null || isString(value)) &&
  (disk.basis === 'CHANGES' || disk.basis === 'FULL') &&
  [`${disk.key}`, `${disk.key}-full`].includes(disk.name as string) &&
  isString(disk.sha256) &&
  /^[0-9a-f]{64}$/.test(disk.sha256)

const isString = (value: unknown): value is string => typeof value === 'string'

const isSize = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0

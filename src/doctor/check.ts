// What a check is, and what the checks of one run share.

import type { DoctorConfig } from '../config/doctor-config.ts'
import type { DataObject, ManagedObjectReference, ManagedObjectType } from '../soap/vim-types.ts'
import type { Transport } from '../transport/transport.ts'
import type { VapiSession } from '../vapi/vapi-session.ts'
import type { VSphereAccount } from '../vcenter/vcenter-endpoint.ts'
import type { Session } from '../vim25/session/session.ts'
import type { CheckReport } from './report.ts'

/** The result of a check. */
export interface Finding extends Pick<CheckReport, 'status' | 'found'> {
  readonly todo?: CheckReport['todo']
  readonly facts?: CheckReport['facts']
  /** Whether the checks that need this one cannot be made. @default false */
  readonly stops?: boolean
}

export interface Check {
  readonly id: string
  readonly title: string
  /** The ids of checks without which it cannot be made. */
  readonly needs?: readonly string[]
  run(run: DoctorRun): Promise<Finding>
}

/** What the checks of one run share. Fields that a check finds are set by it. */
export interface DoctorRun {
  readonly config: DoctorConfig
  /** Aborted by a signal of the process, and at the time limit. Its reason is a RunEndedError. */
  readonly signal: AbortSignal
  readonly path: string
  readonly account: VSphereAccount
  /** Opens a connection, without cookies, that only sends calls that read. */
  readonly connect: () => Transport
  /** The SOAP session; it logs in when it is first used. */
  readonly session: Session
  /** The session of vAPI; it logs in when it is first used. */
  readonly vapi: VapiSession
  /** Counts a call. */
  readonly onCall: (record: { readonly method: string }) => void
  /** Prints a line for the operator that is not part of the report, and may name hosts, thumbprints and files. */
  readonly hint: (line: string) => void
  /** The negotiated API version, set by the check of the endpoint. */
  apiVersion?: string
  content?: DataObject<'ServiceContent'>
  /** The visible objects by type, set by the check of the inventory. */
  objects?: ReadonlyMap<ManagedObjectType, readonly ManagedObjectReference[]>
  /** The numbers of changeIds of disks, set by the check of change tracking. */
  changeIds?: { readonly all: number; readonly usual: number }
}

/** Returns what an earlier check has set. A check that reads it needs that check. */
export function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the check does not name a check that it needs')
  return value
}

/** Whether the server is an ESXi host, which lacks much of what a vCenter has. */
export const isHost = ({ content }: DoctorRun): boolean => known(content).about.apiType === 'HostAgent'

/** Writes a count with its noun: `1 host`, `2 hosts`. */
export const count = (n: number, noun: string, plural = `${noun}s`): string =>
  `${n.toLocaleString('en')} ${n === 1 ? noun : plural}`

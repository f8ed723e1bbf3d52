// The properties of inventory objects that follow the triggered alarms. As in a vCenter, no updates report that they change.

import type { SimulatedObject } from '../simulated-inventory.ts'
import { alarmsOf } from './alarm-store.ts'

/** The properties of every ManagedEntity that derive from its alarms. */
export const alarmProperties = {
  declaredAlarmState: (object: SimulatedObject) => alarmsOf(object.inventory).declaredOn(object),
  triggeredAlarmState: (object: SimulatedObject) => alarmsOf(object.inventory).triggeredOn(object),
} as const

/** The property overallStatus: a status of its own, or a worse one of an alarm. */
export const overallStatus =
  (own: string) =>
  (object: SimulatedObject): string =>
    alarmsOf(object.inventory).worstOf(object, own)

/** A summary whose overallStatus is that of the object: its own, or a worse one of an alarm. */
export const withOverallStatus =
  <S extends { readonly overallStatus: string }>(summaryOf: (object: SimulatedObject) => S) =>
  (object: SimulatedObject): S => {
    const summary = summaryOf(object)
    const status = alarmsOf(object.inventory).worstOf(object, summary.overallStatus)
    return status === summary.overallStatus ? summary : { ...summary, overallStatus: status }
  }

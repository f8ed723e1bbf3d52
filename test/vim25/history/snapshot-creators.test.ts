// Tests which task is taken for the one that created a snapshot: by its result, or by its times if no other is as near.

import { describe, expect, it } from 'vitest'
import { type DatedSnapshot, matchCreators } from '../../../src/vim25/history/snapshot-creators.ts'
import type { TaskInfo } from '../../../src/vim25/tasks/task-watcher.ts'

const ref = (name: string) => ({ type: 'VirtualMachineSnapshot', value: name })
const at = (time: string) => new Date(`2026-11-29T${time}Z`)

const snapshot = (name: string, time: string): DatedSnapshot => ({ ref: ref(name), createdAt: at(time) })

let tasks = 0
function task(userName: string, from: string, to: string, changes: Record<string, unknown> = {}): TaskInfo {
  tasks += 1
  return {
    task: { type: 'Task', value: `task-${tasks}` },
    descriptionId: 'VirtualMachine.createSnapshot',
    state: 'success',
    reason: { _typeName: 'TaskReasonUser', userName },
    queueTime: at(from),
    completeTime: at(to),
    ...changes,
  } as unknown as TaskInfo
}

const match = (snapshots: readonly DatedSnapshot[], ...all: readonly TaskInfo[]) =>
  Object.fromEntries(matchCreators(snapshots, all))

describe('the creator of a snapshot', () => {
  it('is the user of the task that returned it, whatever the times are', () => {
    const one = task('ann', '08:00:00', '08:00:05', { result: ref('s1') })
    const other = task('bob', '10:00:00', '10:00:05', { result: ref('s2') })
    expect(match([snapshot('s1', '10:00:02'), snapshot('s2', '08:00:02')], one, other)).toEqual({
      s1: 'ann',
      s2: 'bob',
    })
  })

  it('is the user of the only task that ran at that time when the history keeps no results', () => {
    const all = [task('ann', '08:00:00', '08:00:05'), task('bob', '10:00:00', '10:00:05')]
    expect(match([snapshot('s1', '08:00:02'), snapshot('s2', '10:00:05')], ...all)).toEqual({
      s1: 'ann',
      s2: 'bob',
    })
    // The start is included, the time after the end is not exact.
    expect(match([snapshot('s1', '08:00:00')], ...all)).toEqual({ s1: 'ann' })
  })

  it('is found with a clock of the host that differs by minutes, but not by more', () => {
    const one = task('ann', '08:00:00', '08:00:05')
    expect(match([snapshot('s1', '08:04:00')], one)).toEqual({ s1: 'ann' })
    expect(match([snapshot('s1', '07:56:00')], one)).toEqual({ s1: 'ann' })
    expect(match([snapshot('s1', '08:06:00')], one)).toEqual({})
  })

  it('is unknown when several tasks may have created it', () => {
    const near = [task('ann', '08:00:00', '08:00:05'), task('bob', '08:02:00', '08:02:05')]
    expect(match([snapshot('s1', '08:01:00')], ...near)).toEqual({})
    const overlapping = [task('ann', '08:00:00', '08:01:00'), task('bob', '08:00:30', '08:01:00')]
    expect(match([snapshot('s1', '08:00:40')], ...overlapping)).toEqual({})
  })

  it('is unknown when one task may have created several snapshots', () => {
    const one = task('ann', '08:00:00', '08:00:05')
    expect(match([snapshot('s1', '08:00:01'), snapshot('s2', '08:00:03')], one)).toEqual({})
    expect(match([snapshot('s1', '08:01:00'), snapshot('s2', '08:02:00')], one)).toEqual({})
  })

  it('prefers the task that ran at that time to one that is near', () => {
    const all = [task('ann', '08:00:00', '08:00:05'), task('bob', '08:02:00', '08:02:05')]
    expect(match([snapshot('s1', '08:00:02')], ...all)).toEqual({ s1: 'ann' })
  })

  it('is never the user of a task that returned another snapshot', () => {
    const other = task('bob', '08:00:00', '08:00:05', { result: ref('removed') })
    expect(match([snapshot('s1', '08:00:02')], other)).toEqual({})
  })

  it('is unknown for tasks that failed, that run, that do something else, or that not a user started', () => {
    for (const changes of [
      { state: 'error' },
      { state: 'running', completeTime: undefined },
      { completeTime: undefined },
      { descriptionId: 'VirtualMachine.reconfigure' },
      { reason: { _typeName: 'TaskReasonSchedule', name: 'Nightly' } },
      { reason: { _typeName: 'TaskReasonSystem' } },
      { reason: { _typeName: 'TaskReasonUser', userName: '' } },
    ])
      expect(match([snapshot('s1', '08:00:02')], task('ann', '08:00:00', '08:00:05', changes))).toEqual({})
  })

  it('is known for snapshots with a quiescing specification too', () => {
    const descriptionId = 'VirtualMachine.createSnapshotEx'
    expect(
      match([snapshot('s1', '08:00:02')], task('ann', '08:00:00', '08:00:05', { descriptionId })),
    ).toEqual({ s1: 'ann' })
  })
})

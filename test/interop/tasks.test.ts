// The history of tasks of our simulator, read with pyVmomi. govc-on-simulator.test.ts reads it with govc.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { createSimulator } from '../../src/simulator/index.ts'
import { python, pythonEnvironment } from './tools.ts'

it.skipIf(python === undefined)('reads the pages of a collector of tasks with pyVmomi', async () => {
  const simulator = createSimulator()
  onTestFinished(() => simulator.close())
  const { port } = await simulator.listen()
  const script = fileURLToPath(new URL('pyvmomi/tasks.py', import.meta.url))
  const { stdout } = await promisify(execFile)(python ?? 'python3', [script, String(port)], {
    env: pythonEnvironment,
  })
  const { latest, previous, all, end, labels, maxCollector } = JSON.parse(stdout)
  expect(latest).toEqual([
    ['Drm.ExecuteVMotionLRO', 'web-01', 'success', 'Host memory usage'],
    ['vm.Snapshot.remove', 'wiki-01', 'success', 'Snapshot of wiki-01'],
  ])
  expect(previous).toEqual([
    ['VirtualMachine.createSnapshot', 'wiki-01', 'success', 'Snapshot of wiki-01'],
    ['VirtualMachine.consolidateDisks', 'backup-01', 'error', 'CORP\\svc-backup'],
  ])
  expect(all.slice(-4)).toEqual([...latest, ...previous].reverse())
  expect(end).toEqual([])
  expect(labels['VirtualMachine.createSnapshot']).toBe('Create virtual machine snapshot')
  expect(maxCollector).toBe(32)
  expect(simulator.live.sessions).toBe(0)
})

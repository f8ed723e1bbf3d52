// Tests faults as errors: their names, their ancestors and their messages.

import { describe, expect, it } from 'vitest'
import { decodeElement } from '../../src/soap/codec.ts'
import { dataObjects } from '../../src/soap/declarations/data-objects.ts'
import { faultsByParent } from '../../src/soap/declarations/fault-parents.ts'
import { faults } from '../../src/soap/declarations/faults.ts'
import { isSubtype } from '../../src/soap/type-registry.ts'
import type { DataObject } from '../../src/soap/vim-types.ts'
import { parseXml } from '../../src/soap/xml/xml.ts'
import {
  faultChain,
  fromLocalizedFault,
  fromSoapFault,
  TaskError,
  VimFaultError,
} from '../../src/vim25/vim-fault-error.ts'

const fault = (_typeName: string, more: object = {}): DataObject<'MethodFault'> => ({ _typeName, ...more })
const message = (text: string | undefined, key = 'k') => ({
  key,
  ...(text !== undefined && { message: text }),
})

describe('a fault', () => {
  it('is an instance of its own type and of all its ancestors', () => {
    const error = new VimFaultError(fault('InvalidPowerState'), 'm')
    for (const name of ['InvalidPowerState', 'InvalidState', 'VimFault', 'MethodFault'])
      expect(error.is(name)).toBe(true)
    for (const name of ['InvalidVmState', 'RuntimeFault', 'constructor', ''])
      expect(error.is(name)).toBe(false)
    expect(new VimFaultError(fault('NotAuthenticated'), '').is('NoPermission')).toBe(true)
    expect(new VimFaultError(fault('NoPermission'), '').is('NotAuthenticated')).toBe(false)
  })

  it.each([
    ['VAppTaskInProgress', 'TaskInProgress'],
    ['QuestionPending', 'InvalidState'],
    ['InvalidHostState', 'InvalidState'],
    ['InsufficientMemoryResourcesFault', 'InsufficientResourcesFault'],
    ['NumVirtualCpusExceedsLimit', 'InsufficientResourcesFault'],
    ['SharedBusControllerNotSupported', 'DeviceNotSupported'],
    ['InvalidSnapshotFormat', 'VmConfigFault'],
    ['SolutionUserRequired', 'SecurityError'],
  ])('%s, of which no field is declared, is a %s', (name, ancestor) => {
    expect(new VimFaultError(fault(name), '').is(ancestor)).toBe(true)
    expect(new VimFaultError(fault(name), '').is('MethodFault')).toBe(true)
  })

  it('decodes the fields of its declared ancestors when it has none of its own', () => {
    const inside =
      '<f xmlns:xsi="x" xsi:type="VAppTaskInProgress"><task type="Task">task-7</task><other>1</other></f>'
    expect(decodeElement(parseXml(inside), 'MethodFault')).toEqual({
      _typeName: 'VAppTaskInProgress',
      task: { type: 'Task', value: 'task-7' },
    })
  })

  it('extends in faults.ts what it extends in fault-parents.ts', () => {
    const extendsIn = (parent: string, name: string) =>
      new RegExp(`^${parent}:(?:\\s+\\w+)*?\\s+${name}(?![\\w:])`, 'm').test(faultsByParent)
    const declared = Object.entries(faults).flatMap(([name, declaration]) =>
      'extends' in declaration ? [[declaration.extends, name] as const] : [],
    )
    expect(declared.length).toBeGreaterThan(60)
    expect(declared.filter(([parent, name]) => !extendsIn(parent, name))).toEqual([])
    expect(extendsIn('VimFault', 'NoPermission')).toBe(false)
    // No fault may replace the declaration of a data object.
    expect(Object.keys(dataObjects).filter((name) => isSubtype(name, 'MethodFault'))).toEqual([])
  })

  it('that is not declared keeps its own name', () => {
    const error = new VimFaultError(fault('DiskTurnedToStone'), '')
    expect(error.faultName).toBe('DiskTurnedToStone')
    expect(error.is('DiskTurnedToStone')).toBe(true)
    expect(error.is('VimFault')).toBe(false)
  })

  it('without detail is a RuntimeFault', () => {
    const error = fromSoapFault({ faultcode: 'ServerFaultCode', faultstring: 'Boom.', detail: undefined })
    expect(error).toMatchObject({ name: 'VimFaultError', faultName: 'RuntimeFault', message: 'Boom.' })
  })

  it('reports its own message, otherwise one from its messages or causes, otherwise its name', () => {
    const cause = (inner: DataObject<'MethodFault'>) => ({ faultCause: { fault: inner } })
    const reported = fault('FileFault', {
      faultMessage: [message(undefined), message(''), message('No space left.')],
    })
    expect(fromLocalizedFault({ fault: reported, localizedMessage: 'Error.' }).message).toBe('Error.')
    expect(fromLocalizedFault({ fault: reported }).message).toBe('No space left.')
    expect(
      fromLocalizedFault({ fault: fault('VmConfigFault', cause(fault('FileFault', cause(reported)))) })
        .message,
    ).toBe('No space left.')
    expect(fromLocalizedFault({ fault: fault('VmConfigFault') }).message).toBe('vSphere raised VmConfigFault')
  })

  it('has a chain of causes, outermost first', () => {
    const inner = fault('C')
    const outer = fault('A', { faultCause: { fault: fault('B', { faultCause: { fault: inner } }) } })
    expect([...faultChain(outer)].map(({ _typeName }) => _typeName)).toEqual(['A', 'B', 'C'])
  })

  it('that ended a task names the task', () => {
    const task = { type: 'Task', value: 'task-1' }
    const error = new TaskError(task, { fault: fault('NoDiskSpace'), localizedMessage: 'Full.' })
    expect(error).toBeInstanceOf(VimFaultError)
    expect(error).toMatchObject({ name: 'TaskError', task, faultName: 'NoDiskSpace', message: 'Full.' })
  })
})

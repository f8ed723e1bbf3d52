// Attacks every mutation: each of its SOAP calls is lost, rejected, answered by a proxy, answered illegally or executed late,
// or the vCenter restarts. The response, the audit log and the simulator's inventory must agree.

import { expect, test } from 'vitest'
import type { SoapResponse } from '../soap-proxy.ts'
import { type Attack, allCalls, attack, lateMoments, type Step } from './attack.ts'
import { expectAll, randomOf, sample, timeLimit } from './cases.ts'
import { changeFates, type Fate, readFates } from './fates.ts'
import { illegalResponsesOf } from './illegal-responses.ts'
import { moments } from './restarts.ts'

/** Executes the call and sends an illegal response. */
const illegalFates = ({ mutation, method }: Step): Fate[] =>
  illegalResponsesOf(method).map(({ name, change }) => ({
    name,
    async handle(call) {
      const { status, text, headers }: SoapResponse = await call.forward()
      const changed = change({ method, text }, randomOf(mutation.name, method, name))
      if (status !== 200 || changed === undefined) call.respond(status, text, headers)
      else if (typeof changed === 'string') call.respond(status, changed, headers)
      else call.respond(changed.status, changed.text, headers)
    },
  }))

function attacksOn(step: Step): Attack[] {
  const { mutation, method, nth } = step
  const isChange = mutation.changes.includes(method)
  const attackWith = ({ name, handle }: Pick<Attack, 'name' | 'handle'>, when?: Attack['when']): Attack => ({
    ...step,
    name: `${mutation.name}, ${method} ${nth}: ${name}${when ? ` ${when}` : ''}`,
    handle,
    ...(when && { when }),
  })
  return [
    ...[...(isChange ? changeFates : readFates), ...illegalFates(step)].flatMap((fate) =>
      fate.name.endsWith('late') ? lateMoments.map((when) => attackWith(fate, when)) : [attackWith(fate)],
    ),
    ...moments.map(({ name, handle }) =>
      attackWith({ name: `restart ${name}`, handle: (call, _late, rig) => handle(call, rig) }),
    ),
  ]
}

test(
  'makes the change of each mutation once or reports a correct error, whatever happens to a call',
  async () => {
    const steps = await allCalls()
    expect(steps.length).toBeGreaterThan(40)
    const attacks = steps.flatMap(attacksOn)
    // Most calls are reads; write calls are attacked as often as reads.
    const isOnChange = ({ mutation, method }: Attack): boolean => mutation.changes.includes(method)
    const onChanges = attacks.filter(isOnChange)
    const others = attacks.filter((each) => !isOnChange(each))
    await expectAll([...sample('changes', onChanges, 35), ...sample('other calls', others, 20)], 24, attack)
  },
  timeLimit(120_000),
)

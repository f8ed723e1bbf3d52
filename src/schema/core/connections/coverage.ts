// Coverage: how completely a connection represents a vCenter.

import type { Page } from '../../../planner/connections/page.ts'
import { formatNumber } from '../../../text/format-number.ts'
import { builder } from '../../builder.ts'
import type { ClassifiedError } from '../../errors/classify-error.ts'

declare module '../../builder.ts' {
  interface ObjectTypes {
    Coverage: Coverage
  }
}

/** How completely a vCenter is represented. */
export interface Coverage {
  readonly source: object
  readonly isComplete: boolean
  readonly undecidedCount: number
  readonly error: ClassifiedError | null
}

/** Returns the coverage of a page. It is incomplete if the parts of an object could not be read. */
export const coverageOf = ({ source, undecidedCount, unreadableCount }: Page): Coverage => ({
  source,
  isComplete: unreadableCount === 0,
  undecidedCount,
  error:
    unreadableCount === 0
      ? null
      : {
          code: 'FORBIDDEN',
          message: `the parts of ${unreadableCount === 1 ? 'one object' : `${formatNumber(unreadableCount)} objects`} cannot be read`,
          remedy: 'Give the account the privilege System.Read on these objects.',
          retryable: false,
        },
})

builder.objectType('Coverage', {
  description: 'How completely one vCenter is represented in a response.',
  fields: (t) => ({
    vcenter: t.string({
      nullable: false,
      description: 'Configured name of the vCenter.',
      resolve: (coverage, _args, { vcenters }) => vcenters.of(coverage).name,
    }),
    isComplete: t.exposeBoolean('isComplete', {
      nullable: false,
      description: 'Whether everything there that the arguments select was examined.',
    }),
    undecidedCount: t.exposeInt('undecidedCount', {
      nullable: false,
      description:
        'Number of objects that were left out because a value that the filter needs cannot be read. They do not make the coverage incomplete.',
    }),
    error: t.field({
      type: 'ErrorInfo',
      description: 'The reason why the response is incomplete. Null if it is complete.',
      resolve: ({ error }) => error,
    }),
  }),
})

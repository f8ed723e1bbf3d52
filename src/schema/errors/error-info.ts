// ErrorInfo: an error as a value of a field, such as the error of a failed task.

import { builder } from '../builder.ts'
import { type ErrorCode, errorCodes } from './api-error.ts'
import type { ClassifiedError } from './classify-error.ts'

declare module '../builder.ts' {
  interface ObjectTypes {
    /** The result of `classifyError`. */
    ErrorInfo: ClassifiedError
  }
}

const ErrorCodeType = builder.enumType('ErrorCode', {
  description:
    'The error codes in `errors[].extensions.code`. Clients must tolerate codes that are added later.',
  values: Object.fromEntries(
    Object.entries(errorCodes).map(([code, description]) => [code, { description }]),
  ) as Record<ErrorCode, { description: string }>,
})

builder.objectType('ErrorInfo', {
  description: 'An error as data, with the main fields of `errors[].extensions`.',
  fields: (t) => ({
    code: t.expose('code', {
      type: ErrorCodeType,
      nullable: false,
      description: 'Stable error code for programs.',
    }),
    message: t.string({
      nullable: false,
      description:
        'Message for people. The message of a vSphere fault is in the language of the vCenter. Source: `localizedMessage` of the fault.',
      // The message of a bug in the gateway must not be exposed.
      resolve: ({ message }) => message ?? 'Internal error of the gateway.',
    }),
    fault: t.string({
      description: 'The vim25 type of the fault behind the error. Null if no fault caused it.',
      resolve: ({ fault }) => fault ?? null,
    }),
    remedy: t.string({
      description: 'How to resolve the error. With AMBIGUOUS it names the objects that match, at most 20.',
      resolve: ({ remedy, candidates }) =>
        candidates
          ? `Send the request again with the id or the path of one of the candidates: ${candidates.map(({ id, path }) => path ?? id).join(', ')}.`
          : (remedy ?? null),
    }),
    retryable: t.boolean({
      nullable: false,
      description: 'Whether the same request may succeed later.',
      resolve: ({ retryable }) => retryable ?? false,
    }),
  }),
})

// Settings of the limits per operation and across all operations.

import { integer, type Settings, withDefault } from './setting.ts'

export const limitSettings = {
  pageSizeDefault: {
    ...withDefault(integer(1, 10_000), '100'),
    flag: 'page-size',
    placeholder: 'N',
    help: 'Objects on a page when a query does not say.',
  },
  pageSizeMax: {
    ...withDefault(integer(1, 10_000), '1000'),
    flag: 'max-page-size',
    placeholder: 'N',
    help: 'Objects on a page at most.',
  },
  maxObjects: {
    ...withDefault(integer(1, 1_000_000_000), '500000'),
    flag: 'max-objects',
    placeholder: 'N',
    help: 'Objects that an answer may have: estimated before anything is asked, and counted while it is.',
  },
  maxResponseValues: {
    ...withDefault(integer(1, 1_000_000_000), '1000000'),
    flag: 'max-response-values',
    placeholder: 'N',
    help: 'Texts, numbers and the like that an answer may have, of all its objects: estimated and counted as these are.',
  },
  maxErrors: {
    ...withDefault(integer(1, 1_000_000), '1000'),
    flag: 'max-errors',
    placeholder: 'N',
    help: 'Errors that an answer may have.',
  },
  maxRequestBytes: {
    ...withDefault(integer(1_000, 100_000_000), '500000'),
    flag: 'max-request-bytes',
    placeholder: 'N',
    help: 'Bytes that a request may have.',
  },
  maxBatch: {
    ...withDefault(integer(0, 100), '0'),
    flag: 'max-batch',
    placeholder: 'N',
    help: 'Operations that one request may have, as a JSON list; 0 takes no lists.',
  },
  maxVariableValues: {
    ...withDefault(integer(1, 1_000_000), '2000'),
    flag: 'max-variable-values',
    placeholder: 'N',
    help: 'Values that the variables of an operation may have, with those inside lists and objects.',
  },
  maxTokens: {
    ...withDefault(integer(1, 100_000), '2000'),
    flag: 'max-tokens',
    placeholder: 'N',
    help: 'Tokens (names, values, punctuation) that a document may have.',
  },
  maxDepth: {
    ...withDefault(integer(1, 200), '50'),
    flag: 'max-depth',
    placeholder: 'N',
    help: 'Fields inside fields that a document may have, and values inside values.',
  },
  maxAliases: {
    ...withDefault(integer(0, 100_000), '100'),
    flag: 'max-aliases',
    placeholder: 'N',
    help: 'Aliases that a document may have.',
  },
  maxDirectives: {
    ...withDefault(integer(0, 100_000), '100'),
    flag: 'max-directives',
    placeholder: 'N',
    help: 'Directives, such as @include, that a document may have.',
  },
  maxVCenterResponseMB: {
    ...withDefault(integer(1, 1_000_000), '256'),
    flag: 'max-vcenter-response-mb',
    placeholder: 'N',
    help: 'Megabytes (of 1,000,000 bytes) that an operation may read from vCenter.',
  },
  maxResponseMB: {
    ...withDefault(integer(1, 500), '64'),
    flag: 'max-response-mb',
    placeholder: 'N',
    help: 'Megabytes that the answer to a query may have.',
  },
  maxConcurrentOperations: {
    ...withDefault(integer(1, 100_000), '200'),
    flag: 'max-concurrent-operations',
    placeholder: 'N',
    help: 'Queries and mutations that run at the same time at most, half of them of one caller; as many more wait for ten seconds.',
  },
  maxConcurrentSubscriptions: {
    ...withDefault(integer(1, 100_000), '500'),
    flag: 'max-concurrent-subscriptions',
    placeholder: 'N',
    help: 'Subscriptions that stand open at the same time at most, half of them of one caller.',
  },
  operationTimeout: {
    ...withDefault(integer(1, 86_400), '900'),
    flag: 'operation-timeout',
    placeholder: 'SECONDS',
    help: 'How long a query or a mutation may take; a change that was sent runs to its reply.',
  },
  callTimeout: {
    ...withDefault(integer(1, 3600), '60'),
    flag: 'call-timeout',
    placeholder: 'SECONDS',
    help: 'How long one call to vCenter may take.',
  },
  maxConcurrentCalls: {
    ...withDefault(integer(1, 100), '8'),
    flag: 'max-concurrent-calls',
    placeholder: 'N',
    help: 'Calls that read from vCenter at the same time at most; others wait for their turn.',
  },
} as const satisfies Settings

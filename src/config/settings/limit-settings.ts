// Settings of the limits per operation and across all operations.

import { integer, type Settings, withDefault } from './setting.ts'

export const limitSettings = {
  pageSizeDefault: {
    ...withDefault(integer(1, 10_000), '100'),
    flag: 'page-size',
    placeholder: 'N',
    help: 'Default page size of lists, in objects.',
  },
  pageSizeMax: {
    ...withDefault(integer(1, 10_000), '1000'),
    flag: 'max-page-size',
    placeholder: 'N',
    help: 'Maximum page size of lists, in objects.',
  },
  maxObjects: {
    ...withDefault(integer(1, 1_000_000_000), '500000'),
    flag: 'max-objects',
    placeholder: 'N',
    help: 'Maximum number of objects in a response: estimated before execution, and counted during it.',
  },
  maxResponseValues: {
    ...withDefault(integer(1, 1_000_000_000), '1000000'),
    flag: 'max-response-values',
    placeholder: 'N',
    help: 'Maximum number of scalar values in a response: estimated before execution, and counted during it.',
  },
  maxErrors: {
    ...withDefault(integer(1, 1_000_000), '1000'),
    flag: 'max-errors',
    placeholder: 'N',
    help: 'Maximum number of errors in a response.',
  },
  maxRequestBytes: {
    ...withDefault(integer(1_000, 100_000_000), '500000'),
    flag: 'max-request-bytes',
    placeholder: 'N',
    help: 'Maximum length of an HTTP request body, in bytes.',
  },
  maxBatch: {
    ...withDefault(integer(0, 100), '0'),
    flag: 'max-batch',
    placeholder: 'N',
    help: 'Maximum number of operations in a batch (a JSON list); 0 disables batches.',
  },
  maxVariableValues: {
    ...withDefault(integer(1, 1_000_000), '2000'),
    flag: 'max-variable-values',
    placeholder: 'N',
    help: 'Maximum number of values in the variables of an operation, including those inside lists and objects.',
  },
  maxTokens: {
    ...withDefault(integer(1, 100_000), '2000'),
    flag: 'max-tokens',
    placeholder: 'N',
    help: 'Maximum number of tokens (names, values, punctuation) in a document.',
  },
  maxDepth: {
    ...withDefault(integer(1, 200), '50'),
    flag: 'max-depth',
    placeholder: 'N',
    help: 'Maximum nesting of fields, and of values, in a document.',
  },
  maxAliases: {
    ...withDefault(integer(0, 100_000), '100'),
    flag: 'max-aliases',
    placeholder: 'N',
    help: 'Maximum number of aliases in a document.',
  },
  maxDirectives: {
    ...withDefault(integer(0, 100_000), '100'),
    flag: 'max-directives',
    placeholder: 'N',
    help: 'Maximum number of directives, such as @include, in a document.',
  },
  maxVCenterResponseMB: {
    ...withDefault(integer(1, 1_000_000), '256'),
    flag: 'max-vcenter-response-mb',
    placeholder: 'N',
    help: 'Maximum size of all vCenter responses to one operation, in megabytes (1,000,000 bytes).',
  },
  maxResponseMB: {
    ...withDefault(integer(1, 500), '64'),
    flag: 'max-response-mb',
    placeholder: 'N',
    help: 'Maximum size of the response to a query, in megabytes (1,000,000 bytes).',
  },
  maxConcurrentOperations: {
    ...withDefault(integer(1, 100_000), '200'),
    flag: 'max-concurrent-operations',
    placeholder: 'N',
    help: 'Maximum number of concurrent queries and mutations. At most half per caller; the same number may queue for up to 10 s.',
  },
  maxConcurrentSubscriptions: {
    ...withDefault(integer(1, 100_000), '500'),
    flag: 'max-concurrent-subscriptions',
    placeholder: 'N',
    help: 'Maximum number of open subscriptions. At most half per caller.',
  },
  operationTimeout: {
    ...withDefault(integer(1, 86_400), '900'),
    flag: 'operation-timeout',
    placeholder: 'SECONDS',
    help: 'Timeout of a query or mutation, in seconds. A mutation call that was sent still runs to its response.',
  },
  callTimeout: {
    ...withDefault(integer(1, 3600), '60'),
    flag: 'call-timeout',
    placeholder: 'SECONDS',
    help: 'Timeout of one vCenter call, in seconds.',
  },
  maxConcurrentCalls: {
    ...withDefault(integer(1, 100), '8'),
    flag: 'max-concurrent-calls',
    placeholder: 'N',
    help: 'Maximum number of concurrent vCenter read calls; others are queued.',
  },
} as const satisfies Settings

// How much may be asked, of one operation and of all together.

import { orElse, type Settings, wholeNumber } from './setting.ts'

export const limitSettings = {
  pageSizeDefault: {
    ...orElse(wholeNumber(1, 10_000), '100'),
    flag: 'page-size',
    takes: 'N',
    help: 'Objects on a page when a query does not say.',
  },
  pageSizeMax: {
    ...orElse(wholeNumber(1, 10_000), '1000'),
    flag: 'max-page-size',
    takes: 'N',
    help: 'Objects on a page at most.',
  },
  maxObjects: {
    ...orElse(wholeNumber(1, 1_000_000_000), '500000'),
    flag: 'max-objects',
    takes: 'N',
    help: 'Objects that an answer may have: estimated before anything is asked, and counted while it is.',
  },
  maxAnswerValues: {
    ...orElse(wholeNumber(1, 1_000_000_000), '1000000'),
    flag: 'max-answer-values',
    takes: 'N',
    help: 'Texts, numbers and the like that an answer may have, of all its objects: estimated and counted as these are.',
  },
  maxErrors: {
    ...orElse(wholeNumber(1, 1_000_000), '1000'),
    flag: 'max-errors',
    takes: 'N',
    help: 'Errors that an answer may have.',
  },
  maxRequestBytes: {
    ...orElse(wholeNumber(1_000, 100_000_000), '500000'),
    flag: 'max-request-bytes',
    takes: 'N',
    help: 'Bytes that a request may have.',
  },
  maxBatch: {
    ...orElse(wholeNumber(0, 100), '0'),
    flag: 'max-batch',
    takes: 'N',
    help: 'Operations that one request may have, as a JSON list; 0 takes no lists.',
  },
  maxValues: {
    ...orElse(wholeNumber(1, 1_000_000), '2000'),
    flag: 'max-values',
    takes: 'N',
    help: 'Values that the variables of an operation may have, with those inside lists and objects.',
  },
  maxTokens: {
    ...orElse(wholeNumber(1, 100_000), '2000'),
    flag: 'max-tokens',
    takes: 'N',
    help: 'Tokens (names, values, punctuation) that a document may have.',
  },
  maxDepth: {
    ...orElse(wholeNumber(1, 200), '50'),
    flag: 'max-depth',
    takes: 'N',
    help: 'Fields inside fields that a document may have, and values inside values.',
  },
  maxAliases: {
    ...orElse(wholeNumber(0, 100_000), '100'),
    flag: 'max-aliases',
    takes: 'N',
    help: 'Aliases that a document may have.',
  },
  maxDirectives: {
    ...orElse(wholeNumber(0, 100_000), '100'),
    flag: 'max-directives',
    takes: 'N',
    help: 'Directives, such as @include, that a document may have.',
  },
  maxMegabytes: {
    ...orElse(wholeNumber(1, 1_000_000), '256'),
    flag: 'max-megabytes',
    takes: 'N',
    help: 'Megabytes (of 1,000,000 bytes) that an operation may read from vCenter.',
  },
  maxAnswerMegabytes: {
    ...orElse(wholeNumber(1, 500), '64'),
    flag: 'max-answer-megabytes',
    takes: 'N',
    help: 'Megabytes that the answer to a query may have.',
  },
  maxOperations: {
    ...orElse(wholeNumber(1, 100_000), '200'),
    flag: 'max-operations',
    takes: 'N',
    help: 'Queries and mutations that run at the same time at most, half of them of one caller; as many more wait for ten seconds.',
  },
  maxSubscriptions: {
    ...orElse(wholeNumber(1, 100_000), '500'),
    flag: 'max-subscriptions',
    takes: 'N',
    help: 'Subscriptions that stand open at the same time at most, half of them of one caller.',
  },
  operationTimeout: {
    ...orElse(wholeNumber(1, 86_400), '900'),
    flag: 'operation-timeout',
    takes: 'SECONDS',
    help: 'How long a query or a mutation may take; a change that was sent runs to its reply.',
  },
  timeout: {
    ...orElse(wholeNumber(1, 3600), '60'),
    flag: 'timeout',
    takes: 'SECONDS',
    help: 'How long one call to vCenter may take.',
  },
  maxCalls: {
    ...orElse(wholeNumber(1, 100), '8'),
    flag: 'max-calls',
    takes: 'N',
    help: 'Calls that read from vCenter at the same time at most; others wait for their turn.',
  },
} as const satisfies Settings

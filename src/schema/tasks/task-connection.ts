// Query.tasks and its connection.

import { builder } from '../builder.ts'
import { noRequirements } from '../core/field-requirements.ts'
import { historyConnectionTypes } from '../history/history-connection.ts'
import type { HistoryEdge, HistoryPage } from '../history/history-pages.ts'
import type { SourcedTask } from './load-task.ts'
import { TaskFilter } from './task-filter.ts'
import { taskPage } from './task-pages.ts'

declare module '../builder.ts' {
  interface ObjectTypes {
    TaskEdge: HistoryEdge<SourcedTask>
    TaskConnection: HistoryPage<SourcedTask>
  }
}

historyConnectionTypes('Task', 'task', {
  one: 'A task',
  connection:
    'A page of tasks, the last queued first, with the information to read further pages. `coverage` says whether older tasks may be missing.',
  pageInfo:
    'The position of this page. With `operations` in the filter a page can have fewer tasks than `first`, even none, while hasNextPage is true: continue with endCursor.',
  coverage:
    'Whether the page has all tasks, by vCenter. It is not complete if tasks may be missing that follow on this page, and on an ESXi host, which keeps no history of tasks.',
})

builder.queryField('tasks', (t) =>
  t.field({
    ...noRequirements,
    type: 'TaskConnection',
    args: {
      first: t.arg.int({
        description:
          'Maximum number of tasks. Without it the page has the configured default size (100 if not configured).',
      }),
      after: t.arg.string({
        description: 'Returns only tasks after this cursor, which were queued earlier.',
      }),
      filter: t.arg({ type: TaskFilter, description: 'Returns only tasks that meet these criteria.' }),
    },
    description:
      'Tasks, the last queued first, also those that run: who started what, and what failed. vCenter keeps them for 30 days unless it is configured otherwise, and leaves out those of objects that the account may not read. A page takes one collector, and one more where it must be confirmed that there are no older tasks. An ESXi host has only the tasks that run or ended in about the last ten minutes: coverage is then not complete. Source: `TaskManager.CreateCollectorForTasks`, on a server without it `TaskManager.recentTask`.',
    resolve: (_root, args, context) => taskPage(args, context),
  }),
)

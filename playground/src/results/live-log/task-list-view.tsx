// The view of lists of tasks: their states and progress bars.

import { useMemo } from 'react'
import { OtherView } from '../picture/other-view.tsx'
import { Picture } from '../picture/picture.tsx'
import type { TypedValue } from '../typed/typed-value.ts'
import { objectsOf } from '../usage-bars/read-bars.ts'
import { fieldLabel } from '../values/format.ts'
import type { View, ViewProps } from '../view.ts'
import { type Progress, taskProgress } from './progress.ts'
import { ProgressList } from './progress-list.tsx'

/** What the table in place of the picture leaves out. */
const ownViews = ['task-list']

function tasksOf(value: TypedValue, at: number): Progress[] | undefined {
  const objects = objectsOf(value)
  if (!objects?.every(({ typeName }) => typeName === 'Task')) return undefined
  const tasks = objects.flatMap((task) => taskProgress(task, at) ?? [])
  return tasks.length === objects.length ? tasks : undefined
}

function TaskListView(props: ViewProps) {
  const { value, label, context } = props
  const at = context.run.results.at(-1)?.at ?? context.run.startedAt
  const tasks = useMemo(() => tasksOf(value, at) ?? [], [value, at])
  return (
    <Picture
      kind="task-list"
      title={fieldLabel(label)}
      caption={describeTasks(tasks)}
      table={() => <OtherView without={ownViews} {...props} />}
      isPartial
    >
      <ProgressList progress={tasks} />
    </Picture>
  )
}

function describeTasks(tasks: readonly Progress[]): string {
  const count = (state: Progress['state']) => tasks.filter((task) => task.state === state).length
  const parts = [
    `${count('running')} running`,
    `${count('queued')} queued`,
    `${count('done')} done`,
    `${count('failed')} failed`,
  ]
  return `${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'}: ${parts.join(', ')}.`
}

export const taskListView: View = {
  name: 'task-list',
  matches: (value) => (tasksOf(value, 0) === undefined ? false : 20),
  component: TaskListView,
  isPicture: true,
}

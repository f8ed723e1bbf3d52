import { useMemo, useState } from 'react'
import { graphql, useMutation, useSubscription } from 'react-relay'
import type { SnapshotButtonMutation } from './__generated__/SnapshotButtonMutation.graphql.ts'
import type { SnapshotButtonTaskSubscription } from './__generated__/SnapshotButtonTaskSubscription.graphql.ts'

// Without waiting: the subscription follows the task.
const createSnapshot = graphql`
  mutation SnapshotButtonMutation($id: ID!, $name: String!) {
    createSnapshot(input: { virtualMachine: { id: $id }, name: $name, waitSeconds: 0 }) {
      task { id }
    }
  }
`

const taskProgress = graphql`
  subscription SnapshotButtonTaskSubscription($id: ID!) {
    task(id: $id) { id state progress error { code message remedy } }
  }
`

export function SnapshotButton({ id }: { id: string }) {
  const [commit, isInFlight] = useMutation<SnapshotButtonMutation>(createSnapshot)
  const [task, setTask] = useState<string>()
  const start = () =>
    commit({
      variables: { id, name: 'from my page' },
      onCompleted: ({ createSnapshot }) => setTask(createSnapshot?.task.id),
    })
  return (
    <>
      <button disabled={isInFlight} onClick={start}>
        Create snapshot
      </button>
      {task && <Progress id={task} />}
    </>
  )
}

function Progress({ id }: { id: string }) {
  const [task, setTask] = useState<SnapshotButtonTaskSubscription['response']['task']>()
  useSubscription<SnapshotButtonTaskSubscription>(
    useMemo(
      () => ({
        subscription: taskProgress,
        variables: { id },
        onNext: (response) => response && setTask(response.task),
        // environment.ts has reported it.
        onError() {},
      }),
      [id],
    ),
  )
  return (
    <p role="status">
      {task?.state} {task?.progress ?? 0}% {task?.error?.message}
    </p>
  )
}

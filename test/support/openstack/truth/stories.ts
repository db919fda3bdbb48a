// All stories that are told of a cloud.
import { bootVolumeStories } from './boot-volume-stories.ts'
import { serverStories } from './server-stories.ts'
import type { Story } from './site.ts'
import { volumeStories } from './volume-stories.ts'

export const stories: readonly Story[] = [...serverStories, ...volumeStories, ...bootVolumeStories]

import { useQuery } from '@tanstack/react-query';
import { ChevronDown } from 'lucide-react';
import { Menu, MenuChoice, MenuHeading } from '#libs/ui/menu.js';
import { useText } from '#libs/ui/use-text.js';
import { api } from '../app/api.js';

/** The models of this organisation. */
export function useModels() {
  return useQuery({ queryKey: ['models'], queryFn: () => api('GET /api/models') });
}

interface ModelPickerProps {
  readonly model: string | null;
  readonly onChoose: (model: string) => void;
}

/** Which model answers next. */
export function ModelPicker({ model, onChoose }: ModelPickerProps) {
  const { text } = useText();
  const models = useModels().data?.models.filter((each) => each.kind === 'chat') ?? [];
  if (model === null || models.length === 0) return null;
  const nameOf = (id: string, demo: boolean): string => (demo ? text('models.demo') : id);
  const current = models.find((each) => each.id === model);
  return (
    <Menu
      trigger={
        <button
          type="button"
          data-testid="model-picker"
          className="flex h-9 max-w-[44vw] min-w-0 items-center gap-1.5 rounded-control px-2.5 text-small text-soft transition-colors duration-150 hover:bg-hover hover:text-text md:max-w-64"
        >
          <span className="sr-only">{text('models.label')}</span>
          <span className="truncate">{nameOf(model, current?.demo ?? false)}</span>
          <ChevronDown size={16} aria-hidden className="shrink-0" />
        </button>
      }
    >
      <MenuHeading>{text('models.label')}</MenuHeading>
      <MenuChoice
        value={model}
        options={models.map((each) => ({
          value: each.id,
          disabled: !each.available,
          label: each.available
            ? nameOf(each.id, each.demo)
            : text('models.unavailable', { model: nameOf(each.id, each.demo) }),
        }))}
        onChoose={onChoose}
      />
    </Menu>
  );
}

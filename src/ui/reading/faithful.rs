//! A letter as it was meant: the page that the renderer laid out, tile by tile, with what the reader does on it.
//!
//! State and messages; [`super::canvas`] draws it. The renderer works in a process of its own; its answers come as
//! messages, and those to an older question are dropped.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use iced::Task;
use iced::widget::image;
use tcv_rendering::client::{Fault, Laid, Letter, PageId, Renderer};
use tcv_rendering::outline::{Outline, Selection};
use tcv_rendering::page::{Setting, Tile};
use tcv_rendering::sanitise::{Picture, Source};

/// Edge of a tile, pixels of the screen.
pub const TILE: u32 = 512;
/// Rows of tiles painted ahead of those in sight.
const AHEAD: u32 = 1;
/// Rows kept on either side of those in sight.
const KEPT: u32 = 6;
/// How far a page wider than the pane is made smaller; beyond it is cut.
const SMALLEST: f32 = 0.4;

/// A page on its way to the screen.
#[derive(Debug)]
pub struct Faithful {
    renderer: Renderer,
    letter: Arc<Letter>,
    /// What was asked for last, and what it was made to fit.
    wanted: Option<Setting>,
    asked: Option<Setting>,
    laid: Option<Laid>,
    fault: Option<Fault>,
    /// Counts questions; answers to older ones are dropped.
    version: u64,
    tiles: BTreeMap<(u32, u32), image::Handle>,
    awaited: BTreeSet<(u32, u32)>,
    /// The part in sight, pixels of the page.
    sight: (f32, f32),
    /// What is selected.
    pub selection: Option<Selection>,
    /// What is looked for.
    pub find: Option<Find>,
    /// The reader wants it bright in a dark window.
    pub bright: bool,
    /// Larger or smaller than the window's text.
    pub zoom: f32,
}

/// Words looked for in the letter.
#[derive(Debug, Default)]
pub struct Find {
    /// The words.
    pub words: String,
    /// Where they are.
    pub hits: Vec<Selection>,
    /// Which of these is shown.
    pub current: usize,
}

/// What happened on the page.
#[derive(Clone, Debug)]
pub enum Message {
    /// The pane has this much room, of this many pixels.
    Room(Setting),
    /// This part is in sight, pixels of the page.
    Seen(f32, f32),
    /// It was laid out.
    Laid(u64, Box<Result<Laid, Fault>>),
    /// A tile was painted.
    Painted(u64, (u32, u32), Result<Tile, Fault>),
    /// The selection changed.
    Selected(Option<Selection>),
    /// Larger or smaller.
    Zoomed(f32),
    /// Light or dark.
    LightToggled,
}

impl Faithful {
    /// A letter that is not laid out yet; it will be as soon as the pane's room is known.
    #[must_use]
    pub fn new(renderer: Renderer, letter: Letter) -> Self {
        Self {
            renderer,
            letter: Arc::new(letter),
            wanted: None,
            asked: None,
            laid: None,
            fault: None,
            version: 0,
            tiles: BTreeMap::new(),
            awaited: BTreeSet::new(),
            sight: (0.0, 0.0),
            selection: None,
            find: None,
            bright: false,
            zoom: 1.0,
        }
    }

    /// Its text and links, once it is laid out.
    #[must_use]
    pub fn outline(&self) -> Option<&Outline> {
        self.laid.as_ref().map(|laid| &laid.outline)
    }

    /// Why it cannot be shown.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// The pictures it shows or would show.
    #[must_use]
    pub fn pictures(&self) -> &[Picture] {
        self.laid.as_ref().map_or(&[], |laid| &laid.pictures)
    }

    /// What the pane last asked for.
    #[must_use]
    pub fn wanted(&self) -> Option<Setting> {
        self.wanted
    }

    /// The tiles that are here, by column and row.
    pub fn tiles(&self) -> impl Iterator<Item = (&(u32, u32), &image::Handle)> {
        self.tiles.iter()
    }

    /// Takes a message in.
    pub fn update(&mut self, message: Message) -> Task<Message> {
        match message {
            Message::Room(setting) => self.room(setting),
            Message::Seen(top, bottom) => {
                self.sight = (top, bottom);
                self.paint()
            }
            Message::Laid(version, laid) => self.laid(version, *laid),
            Message::Painted(version, at, tile) => self.painted(version, at, tile),
            Message::Selected(selection) => {
                self.selection = selection;
                Task::none()
            }
            Message::Zoomed(factor) => {
                self.zoom = (self.zoom * factor).clamp(0.5, 3.0);
                Task::none()
            }
            Message::LightToggled => {
                self.bright = !self.bright;
                Task::none()
            }
        }
    }

    /// Shows pictures that have come.
    pub fn supply(&mut self, pictures: Vec<(Source, Arc<[u8]>)>) -> Task<Message> {
        let mut all: Vec<_> = self.letter.pictures.clone();
        all.extend(pictures.iter().cloned());
        self.letter = Arc::new(Letter {
            html: self.letter.html.clone(),
            pictures: all,
        });
        let Some(page) = self.laid.as_ref().map(|laid| laid.page) else {
            return self.again();
        };
        let renderer = self.renderer.clone();
        self.ask(async move { renderer.supply(page, pictures).await })
    }

    /// Looks for words; tells how far to scroll to the first that is not above the part in sight.
    pub fn look_for(&mut self, words: &str) -> Option<f32> {
        let hits = self.outline().map(|outline| outline.find(words));
        let hits = hits.unwrap_or_default();
        let top = self.sight.0;
        let below = |hit: &Selection| self.area(*hit).is_some_and(|(_, bottom)| bottom >= top);
        let current = hits.iter().position(below).unwrap_or_default();
        self.find = Some(Find {
            words: words.to_owned(),
            hits,
            current,
        });
        self.to_current()
    }

    /// Goes to the next place found, or to the one before.
    pub fn find_next(&mut self, back: bool) -> Option<f32> {
        let find = self.find.as_mut()?;
        let count = find.hits.len().max(1);
        let step = if back { count - 1 } else { 1 };
        find.current = (find.current + step) % count;
        self.to_current()
    }

    /// How far to scroll, in pixels of the page, so that the current place is in sight.
    fn to_current(&self) -> Option<f32> {
        let find = self.find.as_ref()?;
        let (top, bottom) = self.area(*find.hits.get(find.current)?)?;
        let (first, last) = self.sight;
        let seen = top >= first && bottom <= last;
        (!seen).then(|| top - first - (last - first) / 3.0)
    }

    fn area(&self, place: Selection) -> Option<(f32, f32)> {
        let areas = self.outline()?.areas(place);
        Some((areas.first()?.top, areas.last()?.bottom))
    }

    fn room(&mut self, setting: Setting) -> Task<Message> {
        if self.wanted == Some(setting) || self.fault.is_some() {
            return Task::none();
        }
        self.wanted = Some(setting);
        self.set(setting)
    }

    fn set(&mut self, setting: Setting) -> Task<Message> {
        self.asked = Some(setting);
        let Some(page) = self.laid.as_ref().map(|laid| laid.page) else {
            return self.again();
        };
        let renderer = self.renderer.clone();
        self.ask(async move { renderer.set(page, setting).await })
    }

    /// Opens the letter from its beginning: for the first time, or because the renderer forgot it.
    fn again(&mut self) -> Task<Message> {
        let Some(setting) = self.asked else {
            return Task::none();
        };
        let (renderer, letter) = (self.renderer.clone(), Arc::clone(&self.letter));
        self.ask(async move { renderer.open(letter, setting).await })
    }

    fn ask(
        &mut self,
        answer: impl Future<Output = Result<Laid, Fault>> + Send + 'static,
    ) -> Task<Message> {
        self.version += 1;
        let version = self.version;
        Task::perform(answer, move |laid| Message::Laid(version, Box::new(laid)))
    }

    fn laid(&mut self, version: u64, laid: Result<Laid, Fault>) -> Task<Message> {
        if version != self.version {
            return Task::none();
        }
        match laid {
            Ok(laid) => {
                if let Some(narrow) = self.narrower(&laid.outline) {
                    self.laid = Some(laid);
                    return self.set(narrow);
                }
                self.laid = Some(laid);
                // Places are by text, which is the same at every width.
                if let Some(find) = self.find.take() {
                    self.look_for(&find.words);
                }
                self.tiles.clear();
                self.awaited.clear();
                self.paint()
            }
            Err(Fault::Gone) => {
                self.laid = None;
                self.again()
            }
            Err(fault) => {
                self.fault = Some(fault);
                Task::none()
            }
        }
    }

    /// The setting in which a page wider than the pane fits it, smaller.
    fn narrower(&self, outline: &Outline) -> Option<Setting> {
        let (wanted, asked) = (self.wanted?, self.asked?);
        let room = wanted.width * wanted.scale;
        let wide = outline.width as f32;
        if asked != wanted || wide <= room * 1.02 {
            return None;
        }
        let fit = (room / wide).max(SMALLEST);
        Some(Setting {
            width: wanted.width / fit,
            scale: wanted.scale * fit,
            ..wanted
        })
    }

    fn painted(
        &mut self,
        version: u64,
        at: (u32, u32),
        tile: Result<Tile, Fault>,
    ) -> Task<Message> {
        if version != self.version {
            return Task::none();
        }
        self.awaited.remove(&at);
        match tile {
            Ok(tile) => {
                let handle = image::Handle::from_rgba(tile.width, tile.height, tile.rgba);
                self.tiles.insert(at, handle);
                Task::none()
            }
            Err(Fault::Gone) => {
                self.laid = None;
                self.again()
            }
            Err(fault) => {
                self.fault = Some(fault);
                Task::none()
            }
        }
    }

    /// Asks for the tiles in sight that are not here, and lets go of those far away.
    fn paint(&mut self) -> Task<Message> {
        let Some(laid) = &self.laid else {
            return Task::none();
        };
        let (page, width, height) = (laid.page, laid.outline.width, laid.outline.height);
        // Whole tiles; a page is never so large that they would not fit.
        let row = |y: f32| (y.max(0.0) as u32) / TILE;
        let (first, last) = (row(self.sight.0), row(self.sight.1) + AHEAD);
        let last = last.min(height.saturating_sub(1) / TILE);
        let kept = first.saturating_sub(KEPT)..=last + KEPT;
        self.tiles.retain(|(_, row), _| kept.contains(row));
        let mut tasks = Vec::new();
        for row in first..=last {
            for column in 0..=width.saturating_sub(1) / TILE {
                let at = (column, row);
                if self.tiles.contains_key(&at) || !self.awaited.insert(at) {
                    continue;
                }
                let size = (part(width, column), part(height, row));
                tasks.push(self.paint_one(page, at, size));
            }
        }
        Task::batch(tasks)
    }

    fn paint_one(&self, page: PageId, at: (u32, u32), size: (u16, u16)) -> Task<Message> {
        let (renderer, version) = (self.renderer.clone(), self.version);
        let place = (at.0 * TILE, at.1 * TILE);
        Task::perform(
            async move { renderer.paint(page, place, size).await },
            move |tile| Message::Painted(version, at, tile),
        )
    }
}

impl Drop for Faithful {
    fn drop(&mut self) {
        if let Some(laid) = &self.laid {
            self.renderer.close(laid.page);
        }
    }
}

/// How much of the n-th tile belongs to the page.
fn part(whole: u32, number: u32) -> u16 {
    let left = whole.saturating_sub(number * TILE).min(TILE);
    u16::try_from(left).unwrap_or_default().max(1)
}

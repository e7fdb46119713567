//! Which fonts letters are set in: ours, the system's, and what stands in for those that senders name.
//!
//! Made once in a process and copied for each page; reading the system's fonts takes far longer than a page.

use std::sync::Arc;

use fontique::{
    Blob, Collection, CollectionOptions, FontInfoOverride, FontStyle, FontWeight, GenericFamily,
    SourceCache,
};
use parley::FontContext;

/// The family of running text where the letter names none.
pub(crate) const DEFAULT_FAMILY: &str = "Be Vietnam Pro";

const OURS: [(&[u8], FontWeight, FontStyle); 4] = [
    (
        include_bytes!("../../assets/fonts/BeVietnamPro_400Regular.ttf"),
        FontWeight::NORMAL,
        FontStyle::Normal,
    ),
    (
        include_bytes!("../../assets/fonts/BeVietnamPro_400Regular_Italic.ttf"),
        FontWeight::NORMAL,
        FontStyle::Italic,
    ),
    (
        include_bytes!("../../assets/fonts/BeVietnamPro_500Medium.ttf"),
        FontWeight::MEDIUM,
        FontStyle::Normal,
    ),
    // The heaviest we carry stands for bold: `font-weight: bold` is by far the most frequent.
    (
        include_bytes!("../../assets/fonts/BeVietnamPro_600SemiBold.ttf"),
        FontWeight::BOLD,
        FontStyle::Normal,
    ),
];

/// Families that senders name, and free ones of the same widths or the same kind. The first that is there is taken.
const TWINS: [(&[&str], &[&str]); 9] = [
    (
        &["Arial", "Helvetica", "Helvetica Neue", "ArialMT"],
        &["Liberation Sans", "Arimo", "Nimbus Sans", "FreeSans"],
    ),
    (
        &["Times New Roman", "Times", ".VnTime", "VNI-Times"],
        &["Liberation Serif", "Tinos", "Nimbus Roman", "FreeSerif"],
    ),
    (
        &["Courier New", "Courier", "Consolas", "Menlo", "Monaco"],
        &["Liberation Mono", "Cousine", "DejaVu Sans Mono"],
    ),
    (&["Calibri"], &["Carlito", "Liberation Sans"]),
    (&["Cambria"], &["Caladea", "Liberation Serif"]),
    (
        &["Georgia"],
        &["Gelasio", "DejaVu Serif", "Liberation Serif"],
    ),
    (&["Verdana", "Tahoma"], &["DejaVu Sans", "Liberation Sans"]),
    (
        &[
            "Segoe UI",
            "Roboto",
            "Open Sans",
            "San Francisco",
            "Trebuchet MS",
        ],
        &["Roboto", "Open Sans", "Noto Sans", "Liberation Sans"],
    ),
    (
        &["Palatino Linotype", "Book Antiqua", "Garamond"],
        &["Liberation Serif"],
    ),
];

/// What browsers take for families without a name.
const GENERICS: [(GenericFamily, Option<&str>); 4] = [
    (GenericFamily::SansSerif, Some("Arial")),
    (GenericFamily::Serif, Some("Times New Roman")),
    (GenericFamily::SystemUi, None),
    (GenericFamily::UiSansSerif, None),
];

/// The fonts of this machine and ours.
pub(crate) fn context() -> FontContext {
    let mut collection = Collection::new(CollectionOptions {
        shared: false,
        system_fonts: true,
    });
    let mut sources = SourceCache::new_shared();
    let mut ours = Vec::new();
    for (data, weight, style) in OURS {
        let named = FontInfoOverride {
            family_name: Some(DEFAULT_FAMILY),
            weight: Some(weight),
            style: Some(style),
            ..FontInfoOverride::default()
        };
        let blob = Blob::new(Arc::new(data));
        ours.extend(collection.register_fonts(blob, Some(named)));
    }
    for (names, twins) in TWINS {
        stand_in(&mut collection, &mut sources, names, twins);
    }
    let ours = ours.first().map(|(family, _)| *family);
    for (generic, first) in GENERICS {
        // What senders mean by it comes first, then ours, which has every Vietnamese letter, then the system's.
        let meant = first.and_then(|name| collection.family_id(name));
        let theirs: Vec<_> = collection.generic_families(generic).collect();
        let families = meant.into_iter().chain(ours).chain(theirs);
        collection.set_generic_families(generic, families);
    }
    FontContext {
        collection,
        source_cache: sources,
    }
}

/// Registers the first of `twins` that is there under those of `names` that are not.
fn stand_in(
    collection: &mut Collection,
    sources: &mut SourceCache,
    names: &[&str],
    twins: &[&str],
) {
    let missing: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| collection.family_by_name(name).is_none())
        .collect();
    let twin = twins
        .iter()
        .find_map(|twin| collection.family_by_name(twin));
    let Some(twin) = twin.filter(|_| !missing.is_empty()) else {
        return;
    };
    for font in twin.fonts() {
        let Some(data) = font.load(Some(sources)) else {
            continue;
        };
        for name in &missing {
            let named = FontInfoOverride {
                family_name: Some(name),
                ..FontInfoOverride::default()
            };
            collection.register_fonts(data.clone(), Some(named));
        }
    }
}

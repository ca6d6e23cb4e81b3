//! The areas of a programme from the notation to the model.

use std::collections::BTreeMap;

use toml::Spanned;

use super::mention::Says;
use super::notation::RawArea;
use super::read::Reader;
use crate::calendar::Division;
use crate::case::{AreaId, types};

impl Reader {
    /// Each area with its division. A case comes into one by `area` of its case-opened: where the programme's events
    /// have no such field, no case ever would.
    pub(super) fn areas(
        &mut self,
        raw: BTreeMap<Spanned<String>, RawArea>,
    ) -> Option<BTreeMap<AreaId, Division>> {
        if let Some(first) = raw.keys().next() {
            let says = Says::Field { field: types::AREA.to_owned(), format: types::AREA };
            self.mention(first.span(), types::CASE_OPENED, says);
        }
        let areas = self.each(raw.into_iter().collect(), |reader, (name, area)| {
            let id: Option<AreaId> = reader.parse(&name);
            let division: Option<Division> = reader.parse(&area.bank_holidays);
            reader.divisions_at.extend(division.map(|division| (division, area.bank_holidays.span())));
            id.zip(division)
        });
        areas.map(BTreeMap::from_iter)
    }
}
